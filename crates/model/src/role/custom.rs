//! Roles as records: the built-in ones, and those that an installation makes for itself.

use super::built_in::BuiltInRole;
use super::set::PermissionSet;
use crate::error::FieldError;
use crate::id::RoleName;
use crate::key::{check_prose, check_text};
use crate::patch::set;
use serde::{Deserialize, Serialize};

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Role {
    /// Its name; can't change.
    pub name: RoleName,
    /// Its name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// What it may do.
    pub permissions: PermissionSet,
    /// Whether every installation has it, as it is.
    pub built_in: bool,
}

impl From<BuiltInRole> for Role {
    fn from(role: BuiltInRole) -> Self {
        Self {
            name: role.into(),
            title: role.title().to_owned(),
            description: role.description().to_owned(),
            permissions: role.permissions(),
            built_in: true,
        }
    }
}

/// How often a role is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleUses {
    /// Accounts whose global role it is.
    pub users: u64,
    /// Assignments for one tenant.
    pub assignments: u64,
}

impl RoleUses {
    /// Whether nobody has it.
    pub const fn is_none(self) -> bool {
        self.users == 0 && self.assignments == 0
    }
}

/// A role and how often it is given; flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleView {
    /// The role.
    #[serde(flatten)]
    pub role: Role,
    /// How often it is given.
    #[serde(flatten)]
    pub uses: RoleUses,
}

/// What a caller says of a new role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Its name; can't change.
    pub name: RoleName,
    /// Its name for people, 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub title: String,
    /// What it is for, up to 500 characters.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::RoleDescription))]
    pub description: String,
    /// What it may do.
    pub permissions: PermissionSet,
}

impl NewRole {
    /// What is wrong with these fields by themselves.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.name.built_in().is_some() {
            errors.push(FieldError::new("name", "is the name of a built-in role; choose another"));
        }
        check_fields(&mut errors, &self.title, &self.description, self.permissions);
        errors
    }

    /// The role that is asked for.
    pub fn into_role(self) -> Role {
        let Self { name, title, description, permissions } = self;
        Role { name, title, description, permissions, built_in: false }
    }
}

/// What of a custom role is to change: a field that is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RoleChange {
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Name>))]
    pub title: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::RoleDescription>))]
    pub description: Option<String>,
    /// All that it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionSet>,
}

impl RoleChange {
    /// Changes `role`; gives what is wrong with the result. Empty when nothing is.
    pub fn apply(self, role: &mut Role) -> Vec<FieldError> {
        set(&mut role.title, self.title);
        set(&mut role.description, self.description);
        set(&mut role.permissions, self.permissions);
        let mut errors = Vec::new();
        check_fields(&mut errors, &role.title, &role.description, role.permissions);
        errors
    }
}

fn check_fields(errors: &mut Vec<FieldError>, title: &str, description: &str, permissions: PermissionSet) {
    check_text(errors, "title", title, 1, 100);
    check_prose(errors, "description", description, 0, 500);
    if permissions.is_empty() {
        errors.push(FieldError::new("permissions", "must be at least one; the role user has none"));
    }
}
