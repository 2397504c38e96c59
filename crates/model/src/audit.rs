//! The audit record: who did what to which object, from where, with what result.

use crate::id::TenantId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the action took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditResult {
    /// It did.
    Success,
    /// The actor may not do this.
    Denied,
    /// It was tried and failed (wrong password, locked account).
    Failure,
}

impl AuditResult {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
        }
    }
}

/// One audit row before it is written; the store adds sequence number and time.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Who: an actor's stable id (a user id, `master_key`, `cli`, `configuration`, `anonymous`).
    pub actor_id: String,
    /// Who, for people: an e-mail address or the same word.
    pub actor: String,
    /// What, as `resource.verb`, e.g. `key.revoke`.
    pub action: &'static str,
    /// The kind of object, e.g. `key`.
    pub target_type: &'static str,
    /// Its id.
    pub target_id: String,
    /// Its name at the time.
    pub target_name: String,
    /// The tenant that the object belongs to, if any.
    pub tenant_id: Option<TenantId>,
    /// Result.
    pub result: AuditResult,
    /// The client's address, if it came over the network.
    pub ip: Option<String>,
    /// Facts of this action as JSON text (before and after, reason). Never a secret.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}
