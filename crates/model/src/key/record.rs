//! A key as the store keeps it.

use super::{Environment, KeyKind, KeyOwner, KeyScope, KeyState, KeyStatus, Tags};
use crate::id::{KeyId, TenantId, UserId, UserPath};
use crate::time::Timestamp;

/// An API key as the store keeps it, without the hashes of its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The public id.
    pub id: KeyId,
    /// Says what uses the key, e.g. `checkout-service-prod`.
    pub name: String,
    /// More words, if any.
    pub description: Option<String>,
    /// Standard or restricted.
    pub kind: KeyKind,
    /// Sandbox or production.
    pub environment: Environment,
    /// The tenant that it acts in.
    pub tenant_id: TenantId,
    /// Who it belongs to.
    pub owner: KeyOwner,
    /// Scope for budgets, model access, usage and audit.
    pub user_path: Option<UserPath>,
    /// Bound tags, stored on every usage row.
    pub tags: Tags,
    /// What it may reach, for whom, from where and how often.
    pub scope: KeyScope,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom, where a person issued it in person.
    pub creator_id: Option<UserId>,
    /// By whom (an actor's label, as it was then).
    pub created_by: String,
    /// Active or Revoked.
    pub state: KeyState,
}

impl ApiKey {
    /// The badge at `now`. Revoked wins over Expired.
    pub fn status_at(&self, now: Timestamp) -> KeyStatus {
        match (&self.state, self.expires_at) {
            (KeyState::Revoked { .. }, _) => KeyStatus::Revoked,
            (KeyState::Active, Some(end)) if end <= now => KeyStatus::Expired,
            (KeyState::Active, _) => KeyStatus::Active,
        }
    }
}

/// One secret of a key, without its hash. A key has one, and another while a rotation's grace lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySecretRecord {
    /// Counts a key's secrets from 1.
    pub generation: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused (its key then has a newer one).
    pub expires_at: Option<Timestamp>,
    /// Last request that it authenticated.
    pub last_used_at: Option<Timestamp>,
}
