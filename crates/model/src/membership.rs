//! Memberships: who belongs to which tenant.

use crate::id::{RoleName, TenantId, UserId};
use crate::key::CutReceipt;
use crate::time::Timestamp;
use crate::user::UserStatus;
use serde::{Deserialize, Serialize};

/// A person in a tenant; flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub tenant_id: TenantId,
    /// The person's name.
    pub user_name: String,
    /// Their e-mail address.
    pub user_email: String,
    /// Whether their account is Active.
    pub user_status: UserStatus,
    /// The tenant's name.
    pub tenant_name: String,
    /// The roles that they have in this tenant, beside their global one.
    pub roles: Vec<RoleName>,
    /// Since when.
    pub created_at: Timestamp,
}

/// Who is to join what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMembership {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub tenant_id: TenantId,
}

/// Which memberships a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MembershipFilter {
    /// Of this person.
    pub user_id: Option<UserId>,
    /// In this tenant.
    pub tenant_id: Option<TenantId>,
}

/// The answer to taking somebody out of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedMembership {
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub tenant_id: TenantId,
    /// How many of their keys there were revoked.
    pub keys_revoked: u64,
    /// What was cut.
    pub receipt: CutReceipt,
}
