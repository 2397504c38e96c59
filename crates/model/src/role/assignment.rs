//! Who has which role, and where.

use crate::id::{RoleName, TenantId};
use serde::{Deserialize, Serialize};

/// A role that somebody has. Everybody has exactly one without a tenant, their global role, and as many for tenants
/// that they are a member of as they were given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assignment {
    /// Where; `None`: everywhere.
    pub tenant_id: Option<TenantId>,
    /// Which role.
    pub role: RoleName,
}

/// A role to be given for one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    /// Where.
    pub tenant_id: TenantId,
    /// Which role.
    pub role: RoleName,
}

/// A global role to be given instead of the one that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleOfUser {
    /// Which role.
    pub role: RoleName,
    /// Why, for the audit log; up to 500 characters.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Reason>))]
    pub reason: Option<String>,
}
