//! What a change of roles would do, told before it is saved.

use super::assignment::NewAssignment;
use super::set::PermissionSet;
use crate::id::{RoleName, UserId};
use crate::page::Total;
use serde::{Deserialize, Serialize};

/// A change that somebody is about to save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccessChange {
    /// An account gets another global role.
    SetRole {
        /// Whose.
        user_id: UserId,
        /// Which.
        role: RoleName,
    },
    /// An account gets a role for a tenant.
    Assign {
        /// Whose.
        user_id: UserId,
        /// Which, and where.
        assignment: NewAssignment,
    },
    /// An account loses a role for a tenant.
    Unassign {
        /// Whose.
        user_id: UserId,
        /// Which, and where.
        assignment: NewAssignment,
    },
    /// A custom role gets other permissions.
    ChangeRole {
        /// Which.
        name: RoleName,
        /// All that it may do then.
        permissions: PermissionSet,
    },
}

/// Somebody whom a change is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AffectedUser {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
}

/// What a change would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessEffect {
    /// How many accounts it is about.
    pub affected: Total,
    /// The first of them, by name.
    pub first: Vec<AffectedUser>,
    /// Permissions that come, where the change counts.
    pub gained: PermissionSet,
    /// Permissions that go.
    pub lost: PermissionSet,
}

impl AccessEffect {
    /// How many accounts are named.
    pub const NAMED: u16 = 20;
}
