//! Roles and permissions: one table, enforced by the server and shown on the Roles page.
//!
//! A [`Permission`] is a pair that means something; a role is a named [`PermissionSet`]; an [`Assignment`] gives a role
//! to a person, everywhere or in one tenant; [`Rights`] are what comes out of all of a person's assignments, and
//! [`Reach`] is where one permission of theirs counts.

mod assignment;
mod built_in;
mod custom;
mod permission;
mod preview;
mod rights;
mod set;

pub use assignment::{Assignment, NewAssignment, RoleOfUser};
pub use built_in::BuiltInRole;
pub use custom::{NewRole, Role, RoleChange, RoleUses, RoleView};
pub use permission::{Action, Permission, PermissionView, Resource};
pub use preview::{AccessChange, AccessEffect, AffectedUser};
pub use rights::{Reach, Rights};
pub use set::PermissionSet;

pub use crate::id::RoleName;
