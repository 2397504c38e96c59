//! Management keys: credentials of the Admin API. They call no models, and API keys don't open the Admin API.

use crate::error::FieldError;
use crate::id::{ManagementKeyId, TenantId, UserId};
use crate::key::{KeyStatus, check_text};
use crate::role::PermissionSet;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A management key, flat, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagementKey {
    /// Its id, with which the key itself begins: `mk_7Hq2xV9mLw4T`.
    pub id: ManagementKeyId,
    /// Says what uses it.
    pub name: String,
    /// What it may do at most; at each use no more than its creator may then.
    pub permissions: PermissionSet,
    /// The only tenant that it acts in; `None`: everywhere.
    pub tenant_id: Option<TenantId>,
    /// Whose rights bound it; `None`: it was made with the master key or on the command line.
    pub creator_id: Option<UserId>,
    /// By whom it was made, for people.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Last call that it authenticated, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom it was revoked.
    pub revoked_by: Option<String>,
    /// Why it was revoked.
    pub revoke_reason: Option<String>,
}

impl ManagementKey {
    /// The badge at `now`. Revoked wins over Expired.
    pub fn status_at(&self, now: Timestamp) -> KeyStatus {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => KeyStatus::Revoked,
            (None, Some(end)) if end <= now => KeyStatus::Expired,
            (None, _) => KeyStatus::Active,
        }
    }
}

/// A management key as it stands at the time of reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagementKeyView {
    /// The record.
    #[serde(flatten)]
    pub key: ManagementKey,
    /// Active, Expired or Revoked.
    pub status: KeyStatus,
}

impl ManagementKeyView {
    /// The view of `key` at `now`.
    pub fn new(key: ManagementKey, now: Timestamp) -> Self {
        Self { status: key.status_at(now), key }
    }
}

/// What a caller says of a new management key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewManagementKey {
    /// Says what uses it, 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: String,
    /// What it may do; never more than its creator.
    pub permissions: PermissionSet,
    /// The only tenant that it acts in.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// From when on it is refused.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl NewManagementKey {
    /// What is wrong with these fields by themselves.
    pub fn check(&self, now: Timestamp) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", &self.name, 1, 100);
        if self.permissions.is_empty() {
            errors.push(FieldError::new("permissions", "must be at least one"));
        } else if self.tenant_id.is_some() && self.permissions.and(PermissionSet::IN_TENANTS).is_empty() {
            errors.push(FieldError::new("permissions", "must have one that counts in a tenant"));
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            errors.push(FieldError::new("expires_at", "must be in the future"));
        }
        errors
    }
}

/// The answer to creating a management key: the only one that ever holds the secret.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedManagementKey {
    /// The record.
    #[serde(flatten)]
    pub key: ManagementKeyView,
    /// The whole key, `mk_…`.
    pub secret: String,
}

impl std::fmt::Debug for CreatedManagementKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedManagementKey").field("id", &self.key.key.id).finish_non_exhaustive()
    }
}

/// Which management keys a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ManagementKeyFilter {
    /// Made by this person.
    pub creator_id: Option<UserId>,
    /// Bound to this tenant.
    pub tenant_id: Option<TenantId>,
    /// Whether revoked ones are listed too.
    pub include_revoked: bool,
}
