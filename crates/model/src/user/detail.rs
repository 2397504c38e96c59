//! One user with all that their page shows.

use super::User;
use crate::dashboard::{ModelUsage, UsageTotals};
use crate::id::{KeyId, ModelName, RequestId};
use crate::key::KeyView;
use crate::mapping::Managed;
use crate::money::Usd;
use crate::page::{Page, Total};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A user with their keys and a summary of what they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    /// The record.
    pub user: User,
    /// Their newest keys, revoked ones too.
    pub keys: Page<KeyView>,
    /// How many of their keys work.
    pub active_keys: Total,
    /// Usage of their keys in the last 7 days.
    pub last_7d: UsageTotals,
    /// Usage of their keys in the last 30 days.
    pub last_30d: UsageTotals,
    /// The models that their keys asked for in the last 30 days, the most used first.
    pub models: Vec<ModelUsage>,
    /// What decided their role, if the role mapping does: the next sign-in overwrites what is set by hand.
    pub managed: Option<Managed>,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Activity {
    /// Something that the audit log has: a key made, a sign-in, a change.
    Action {
        /// When.
        at: Timestamp,
        /// What, as `resource.verb`.
        action: String,
        /// The kind of object.
        target_type: String,
        /// Its id.
        target_id: String,
        /// Its name at the time.
        target_name: String,
        /// `success`, `denied` or `failure`.
        result: String,
        /// The client's address, if it came over the network.
        ip: Option<String>,
    },
    /// A request of one of their keys.
    Request {
        /// When it was sent.
        at: Timestamp,
        /// Which.
        request_id: RequestId,
        /// With which key.
        key_id: KeyId,
        /// For which model.
        model: ModelName,
        /// The answer's status.
        status: u16,
        /// Input tokens.
        input_tokens: u64,
        /// Output tokens.
        output_tokens: u64,
        /// Cost.
        cost_usd: Usd,
    },
}
