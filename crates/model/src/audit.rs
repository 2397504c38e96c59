//! The audit record: who did what to which object, from where, with what result.

mod actions;
mod list;
mod verification;

pub use actions::ACTIONS;
pub use list::{AuditChange, AuditDetail, AuditFact, AuditFilter, AuditOrder, AuditRecord, AuditRow};
pub use verification::{AuditFinding, AuditHead, AuditVerification};

use crate::id::TenantId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the action took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// All of them, in the order in which pages show them.
    pub const ALL: [Self; 3] = [Self::Success, Self::Denied, Self::Failure];

    /// The word in the database, the API and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Denied => "Denied",
            Self::Failure => "Failure",
        }
    }

    /// From the word in the database, the API and addresses.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == text)
    }
}

/// One audit row before it is written; the store adds sequence number and hash.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Who: an actor's stable id (a user id, `master_key`, `command_line`, `configuration`, `anonymous`).
    pub actor_id: String,
    /// Who, for people: an e-mail address or the same word.
    pub actor: String,
    /// What, as `resource.verb`, e.g. `key.revoke`; one of [`ACTIONS`].
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
