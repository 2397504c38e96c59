//! Whose role a mapping manages.

use super::Decision;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What the mapping decided about an account the last time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Managed {
    /// The identity provider whose claims decided, by name; `scim` for groups that came by SCIM.
    pub source: String,
    /// What decided the role.
    pub decided_by: Decision,
    /// When.
    pub at: Timestamp,
}

impl Managed {
    /// The source of groups that came by SCIM; no identity provider is called so.
    pub const SCIM: &'static str = "scim";
}
