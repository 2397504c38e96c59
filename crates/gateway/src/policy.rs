//! What the data path knows of a key: loaded once, compiled, never written by a request.

use crate::error::{ApiError, Code};
use crate::limits::Scope;
use crate::shape::{Shape, Shapes};
use futures_util::future::BoxFuture;
use identity::end_user::KeySources;
use model::KeyId;
use model::change::{Change, Epoch};
use model::id::{TenantId, UserPath};
use model::key::{ApiKey, Environment, KeyKind, KeyOwner, KeyState};
use model::tenant::TenantStatus;
use model::time::Timestamp;
use model::user::UserStatus;
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
    /// Its secrets, newest first; those that are over are there for a while, to be answered by name.
    pub secrets: Vec<PolicySecret>,
    /// Whether its tenant is suspended.
    pub tenant_status: TenantStatus,
    /// Its owner; `None` when the tenant owns it, or when the owner is gone (then the key is refused).
    pub owner: Option<PolicyOwner>,
    /// The change feed's position in the same read. Positions must follow the order of commits.
    pub epoch: Epoch,
}

/// A secret of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySecret {
    /// SHA-256.
    pub hash: [u8; 32],
    /// Counts the key's secrets from 1.
    pub generation: u32,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A person who owns a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyOwner {
    /// Whether the account is active.
    pub status: UserStatus,
    /// Whether the owner is still a member of the key's tenant.
    pub member: bool,
}

/// Which secret of a key a request proved to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProvenSecret {
    pub(crate) generation: u32,
    /// From when on it is refused.
    pub(crate) expires_at: Option<Timestamp>,
}

/// What is a key's own.
pub(crate) struct OwnPart {
    pub(crate) id: KeyId,
    pub(crate) kind: KeyKind,
    pub(crate) environment: Environment,
    pub(crate) tenant_id: TenantId,
    pub(crate) owner: KeyOwner,
    pub(crate) user_path: Option<UserPath>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) revoked: bool,
}

/// A compiled snapshot.
pub(crate) struct KeyPolicy {
    pub(crate) key: OwnPart,
    pub(crate) shape: Arc<Shape>,
    secrets: Vec<PolicySecret>,
    tenant_status: TenantStatus,
    owner_works: bool,
    /// Counters live outside of the snapshot and survive it; `None`: the key has no limits.
    pub(crate) limits: Option<Arc<Scope>>,
    pub(crate) epoch: Epoch,
}

impl KeyPolicy {
    pub(crate) fn compile(
        record: PolicyRecord,
        limits: Option<Arc<Scope>>,
        shapes: &Shapes,
        sources: &KeySources,
    ) -> Self {
        let ApiKey {
            id, kind, environment, tenant_id, owner, user_path, tags, scope, expires_at, state, ..
        } = record.key;
        let owner_works = match (owner.user_id(), record.owner) {
            (None, _) => true,
            (Some(_), Some(owner)) => owner.status == UserStatus::Active && owner.member,
            (Some(_), None) => false,
        };
        Self {
            key: OwnPart {
                id,
                kind,
                environment,
                tenant_id,
                owner,
                user_path,
                expires_at,
                revoked: matches!(state, KeyState::Revoked { .. }),
            },
            shape: shapes.of(scope, tags, sources),
            secrets: record.secrets,
            tenant_status: record.tenant_status,
            owner_works,
            limits,
            epoch: record.epoch,
        }
    }

    /// The presented secret, if it is one of this key's. Looks at every hash, so that time doesn't tell which one
    /// matched; kind and environment must be the record's too, or one secret would have several spellings.
    pub(crate) fn proves(
        &self,
        hash: &[u8; 32],
        kind: KeyKind,
        environment: Environment,
    ) -> Option<ProvenSecret> {
        let found = self.secrets.iter().fold(None, |found, secret| {
            let matches = identity::secret::matches(hash, &secret.hash);
            found.or(matches.then_some(secret))
        });
        let found = found.filter(|_| kind == self.key.kind && environment == self.key.environment)?;
        Some(ProvenSecret { generation: found.generation, expires_at: found.expires_at })
    }

    /// Whether the key works at `now`. Only called with a proven secret: the answers name the reason.
    pub(crate) fn check_state(&self, secret: ProvenSecret, now: Timestamp) -> Result<(), ApiError> {
        if self.key.revoked {
            return Err(Code::KeyRevoked.into());
        }
        if self.expired_at(secret, now) {
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

    /// Whether the key, or this secret of it, is past its end.
    pub(crate) fn expired_at(&self, secret: ProvenSecret, now: Timestamp) -> bool {
        [self.key.expires_at, secret.expires_at].into_iter().flatten().any(|end| end <= now)
    }

    /// Whether `change` is about this key.
    pub(crate) fn concerned_by(&self, change: &Change) -> bool {
        match change {
            Change::Key { id }
            | Change::KeyRevoked { id }
            | Change::KeyRotated { id, .. }
            | Change::KeyEnds { id, .. } => *id == self.key.id,
            Change::User { id, .. } => self.key.owner.user_id() == Some(id),
            Change::Tenant { id, .. } => self.key.tenant_id == *id,
            Change::Catalog | Change::AccessRules => false,
        }
    }
}
