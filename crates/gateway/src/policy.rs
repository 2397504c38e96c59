//! What the data path knows of a key: loaded once, compiled, never written by a request.

use crate::error::{ApiError, Code};
use crate::limits::KeyCounters;
use futures_util::future::BoxFuture;
use model::change::{Change, Epoch};
use model::key::{ApiKey, Environment, KeyKind, KeyState};
use model::tenant::TenantStatus;
use model::time::Timestamp;
use model::user::UserStatus;
use model::{KeyId, ProviderName};
use std::sync::Arc;

/// Where keys are looked up: the store, in the server.
pub trait PolicySource: Send + Sync + 'static {
    /// The key with everything that decides about it, read in one transaction; `None`: there is no such key.
    fn load(&self, id: KeyId) -> BoxFuture<'static, Result<Option<PolicyRecord>, SourceUnavailable>>;
}

/// The source couldn't answer; the request gets 503 `state_unavailable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key store couldn't answer")]
pub struct SourceUnavailable;

/// A key as the source gives it.
#[derive(Clone, Debug)]
pub struct PolicyRecord {
    /// The key.
    pub key: ApiKey,
    /// Hashes of its secrets that are valid; more than one while a rotation's grace lasts.
    pub secret_hashes: Vec<[u8; 32]>,
    /// Whether its tenant is suspended.
    pub tenant_status: TenantStatus,
    /// Its owner; `None` when the tenant owns it, or when the owner is gone (then the key is refused).
    pub owner: Option<PolicyOwner>,
    /// The change feed's position in the same read. Positions must follow the order of commits.
    pub epoch: Epoch,
}

/// A person who owns a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyOwner {
    /// Whether the account is active.
    pub status: UserStatus,
    /// Whether the owner is still a member of the key's tenant.
    pub member: bool,
}

/// A compiled snapshot.
pub(crate) struct KeyPolicy {
    pub(crate) key: ApiKey,
    secret_hashes: Vec<[u8; 32]>,
    tenant_status: TenantStatus,
    owner_works: bool,
    /// Counters live outside of the snapshot and survive it; `None`: the key has no limits.
    pub(crate) counters: Option<Arc<KeyCounters>>,
    pub(crate) epoch: Epoch,
}

impl KeyPolicy {
    pub(crate) fn compile(record: PolicyRecord, counters: Option<Arc<KeyCounters>>) -> Self {
        let owner_works = match (record.key.owner.user_id(), record.owner) {
            (None, _) => true,
            (Some(_), Some(owner)) => owner.status == UserStatus::Active && owner.member,
            (Some(_), None) => false,
        };
        Self {
            key: record.key,
            secret_hashes: record.secret_hashes,
            tenant_status: record.tenant_status,
            owner_works,
            counters,
            epoch: record.epoch,
        }
    }

    /// Whether this is the presented key. Looks at every hash, so that time doesn't tell which one matched; kind and
    /// environment must be the record's too, or one secret would have several spellings.
    pub(crate) fn proves(&self, hash: &[u8; 32], kind: KeyKind, environment: Environment) -> bool {
        let known = self
            .secret_hashes
            .iter()
            .fold(false, |seen, stored| identity::secret::matches(hash, stored) | seen);
        known && kind == self.key.kind && environment == self.key.environment
    }

    /// Whether the key works at `now`. Only called after [`Self::proves`]: the answers name the reason.
    pub(crate) fn check_state(&self, now: Timestamp) -> Result<(), ApiError> {
        if matches!(self.key.state, KeyState::Revoked { .. }) {
            return Err(Code::KeyRevoked.into());
        }
        if self.expired_at(now) {
            return Err(Code::KeyExpired.into());
        }
        if self.tenant_status == TenantStatus::Suspended {
            return Err(Code::TenantSuspended.into());
        }
        if !self.owner_works {
            return Err(Code::OwnerInactive.into());
        }
        Ok(())
    }

    pub(crate) fn expired_at(&self, now: Timestamp) -> bool {
        self.key.expires_at.is_some_and(|end| end <= now)
    }

    pub(crate) fn allows_provider(&self, name: &ProviderName) -> bool {
        self.key.allowed_providers.as_ref().is_none_or(|allowed| allowed.contains(name))
    }

    /// Whether `change` is about this key.
    pub(crate) fn concerned_by(&self, change: &Change) -> bool {
        match change {
            Change::Key { id } | Change::KeyRevoked { id } => *id == self.key.id,
            Change::User { id, .. } => self.key.owner.user_id() == Some(id),
            Change::Tenant { id, .. } => self.key.tenant_id == *id,
            Change::Catalog => false,
        }
    }
}
