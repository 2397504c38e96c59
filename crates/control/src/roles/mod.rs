//! Roles: the table that decides what people may do, and who has which role.
//!
//! Nobody gives a permission that they lack ([`lacking`]). Taking a role away needs no more than the right to assign, but
//! from a `super_admin` only another one takes anything, and the last Active one stays.

mod assign;
mod change;
mod create;
mod grant;
mod list;
mod preview;
mod remove;
mod set_role;

pub use assign::{assign, assignments, unassign};
pub use change::change;
pub use create::create;
pub(crate) use grant::lacking;
pub use list::{assignable, list, permissions, read};
pub use preview::preview;
pub use remove::remove;
pub use set_role::set_role;

use crate::Error;
use crate::audit::Target;
use model::FieldError;
use model::role::{Action, BuiltInRole, Permission, Resource, Role, RoleName};
use store::Tx;

const READ: Permission = Permission::new(Resource::Roles, Action::Read);
const WRITE: Permission = Permission::new(Resource::Roles, Action::Write);
const ASSIGN: Permission = Permission::new(Resource::Roles, Action::Assign);

fn target<'a>(name: &'a RoleName, title: &'a str) -> Target<'a> {
    Target { kind: "role", id: name.as_str(), name: title, tenant_id: None }
}

/// The role to be given, as `tx` sees it.
async fn role_to_give(tx: &mut Tx, name: &RoleName) -> Result<Role, Error> {
    tx.role(name).await?.ok_or_else(|| Error::Invalid(vec![unknown()]))
}

/// The field `role` names none.
pub(crate) fn unknown() -> FieldError {
    let built_in = BuiltInRole::ALL.map(BuiltInRole::as_str).join(", ");
    FieldError::new("role", format!("there is no such role; it may be a custom one, or {built_in}"))
}

/// A custom role, to be changed.
async fn custom_role(tx: &mut Tx, name: &RoleName) -> Result<Role, Error> {
    let role = tx.role(name).await?.ok_or(Error::NotFound)?;
    if role.built_in {
        return Err(Error::Conflict {
            code: "built_in_role",
            detail: "Built-in roles stay as they are. Make a custom role with the permissions that you want."
                .into(),
        });
    }
    Ok(role)
}

/// The refusal to take the last one away.
pub(crate) fn last_super_admin() -> Error {
    Error::Conflict {
        code: "last_super_admin",
        detail: "This is the last Active super_admin. Make another one first.".into(),
    }
}
