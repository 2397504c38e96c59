//! Keys as the API and the pages show them, and the answers of their operations.

use super::{ApiKey, Environment, KeyKind, KeyScope, KeySecretRecord, KeyState, KeyStatus, Tags};
use crate::dashboard::{DailyUsage, UsageTotals};
use crate::id::{KeyId, TenantId, UserId, UserPath};
use crate::key_token::display_prefix;
use crate::tenant::TenantStatus;
use crate::time::Timestamp;
use crate::usage::UsageRow;
use crate::user::UserStatus;
use serde::{Deserialize, Serialize};

/// A key as the API and the pages show it: flat, with the words of its owner and tenant beside their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyView {
    /// The public id (equals `public_id`).
    pub id: KeyId,
    /// The public id.
    pub public_id: KeyId,
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// The first characters, for recognising the key: `rk_prod_7Hq2`.
    pub prefix: String,
    /// Standard or restricted.
    pub kind: KeyKind,
    /// Sandbox or production.
    pub environment: Environment,
    /// Tenant slug.
    pub tenant_id: TenantId,
    /// Tenant name.
    pub tenant_name: String,
    /// Tenant status: keys of a suspended tenant are refused.
    pub tenant_status: TenantStatus,
    /// The owner's user id; `None` for a service key, which belongs to the tenant.
    pub owner_id: Option<UserId>,
    /// The owner's name.
    pub owner_name: Option<String>,
    /// The owner's e-mail address.
    pub owner_email: Option<String>,
    /// The owner's status: keys of an inactive owner are refused.
    pub owner_status: Option<UserStatus>,
    /// User path.
    pub user_path: Option<UserPath>,
    /// Bound tags.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::KeyTags))]
    pub tags: Tags,
    /// What it may reach, for whom, from where and how often; its fields stand beside the others.
    #[serde(flatten)]
    pub scope: KeyScope,
    /// Expiry.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom, where a person issued it in person.
    pub creator_id: Option<UserId>,
    /// By whom: a name or an address as it was then.
    pub created_by: String,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
    /// Active, Expired or Revoked at the time of reading.
    pub status: KeyStatus,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom it was revoked.
    pub revoked_by: Option<String>,
    /// Why it was revoked.
    pub revoke_reason: Option<String>,
}

/// What stands beside a key in lists but isn't its own: joined from owner, tenant and ledger.
#[derive(Clone, Debug)]
pub struct KeyContext {
    /// Tenant name.
    pub tenant_name: String,
    /// Tenant status.
    pub tenant_status: TenantStatus,
    /// Owner's name.
    pub owner_name: Option<String>,
    /// Owner's e-mail address.
    pub owner_email: Option<String>,
    /// Owner's status.
    pub owner_status: Option<UserStatus>,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
}

impl KeyView {
    /// The view of `key` at `now`.
    pub fn new(key: ApiKey, context: KeyContext, now: Timestamp) -> Self {
        let status = key.status_at(now);
        let (revoked_at, revoked_by, revoke_reason) = match key.state {
            KeyState::Active => (None, None, None),
            KeyState::Revoked { at, by, reason } => (Some(at), Some(by), Some(reason)),
        };
        Self {
            id: key.id,
            public_id: key.id,
            prefix: display_prefix(key.kind, key.environment, key.id),
            name: key.name,
            description: key.description,
            kind: key.kind,
            environment: key.environment,
            tenant_id: key.tenant_id,
            tenant_name: context.tenant_name,
            tenant_status: context.tenant_status,
            owner_id: key.owner.user_id().cloned(),
            owner_name: context.owner_name,
            owner_email: context.owner_email,
            owner_status: context.owner_status,
            user_path: key.user_path,
            tags: key.tags,
            scope: key.scope,
            expires_at: key.expires_at,
            created_at: key.created_at,
            creator_id: key.creator_id,
            created_by: key.created_by,
            last_used_at: context.last_used_at,
            status,
            revoked_at,
            revoked_by,
            revoke_reason,
        }
    }
}

/// The answer to creating a key: the only one that ever holds the secret. Serialised flat, once, `no-store`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedKey {
    /// The record.
    #[serde(flatten)]
    pub key: KeyView,
    /// The whole key, e.g. `rk_prod_…`.
    pub secret: String,
}

impl std::fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedKey").field("id", &self.key.id).finish_non_exhaustive()
    }
}

/// What happened to requests in flight when a key was cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CutReceipt {
    /// Requests ended.
    pub requests_cut: u32,
    /// Nodes that confirmed the change.
    pub nodes_acknowledged: u32,
    /// Nodes there are.
    pub nodes: u32,
    /// From commit to the last confirmation, in milliseconds.
    pub milliseconds: u32,
}

impl CutReceipt {
    /// One line for people: "14 requests cut on 3 of 3 nodes in 38 ms".
    pub fn sentence(&self) -> String {
        let requests = if self.requests_cut == 1 { "request" } else { "requests" };
        let nodes = if self.nodes == 1 { "node" } else { "nodes" };
        format!(
            "{} {requests} cut on {} of {} {nodes} in {} ms",
            self.requests_cut, self.nodes_acknowledged, self.nodes, self.milliseconds
        )
    }
}

/// How many keys one call revokes at most: a bar can show how far it is, and it can be stopped in between.
pub const BULK_REVOKE: usize = 25;

/// The answer to revoking a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokedKey {
    /// The record as it is now.
    pub key: KeyView,
    /// What was cut.
    pub receipt: CutReceipt,
}

/// A key with its usage history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDetail {
    /// The record.
    pub key: KeyView,
    /// Its secrets that are not long over, newest first: two while a rotation's grace lasts.
    pub secrets: Vec<KeySecretView>,
    /// Usage of the last 24 hours.
    pub last_24h: UsageTotals,
    /// The last 30 UTC days, oldest first, gap-free.
    pub daily: Vec<DailyUsage>,
    /// The newest requests, at most 20.
    pub recent: Vec<UsageRow>,
}

/// One secret of a key, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySecretView {
    /// Counts the key's secrets from 1.
    pub generation: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused: the end of a rotation's grace.
    pub expires_at: Option<Timestamp>,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
}

impl From<KeySecretRecord> for KeySecretView {
    fn from(record: KeySecretRecord) -> Self {
        let KeySecretRecord { generation, created_at, expires_at, last_used_at } = record;
        Self { generation, created_at, expires_at, last_used_at }
    }
}

/// The answer to rotating a key: the record with its new secret, once, and what became of the old one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotatedKey {
    /// The record and the new secret.
    #[serde(flatten)]
    pub created: CreatedKey,
    /// From when on the old secret is refused.
    pub previous_expires_at: Timestamp,
    /// What was cut: requests of the old secret, when it had no grace.
    pub receipt: CutReceipt,
}

/// A key's usage in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyStats {
    /// The public id.
    pub id: KeyId,
    /// Since the key was made.
    pub total: UsageTotals,
    /// Of the last 24 hours.
    pub last_24h: UsageTotals,
    /// The last 30 UTC days, oldest first, gap-free.
    pub daily: Vec<DailyUsage>,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
    /// Requests that are running now.
    pub running: u64,
}
