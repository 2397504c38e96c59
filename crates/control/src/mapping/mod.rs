//! Role mapping: the rules, trying them out, and what they do to an account.

mod apply;
mod change;
mod simulate;

pub(crate) use apply::apply;
pub use change::change;
pub use simulate::simulate;

use crate::{Actor, Control, Error};
use model::UserId;
use model::mapping::{Decision, Managed, Otherwise, RoleMapping};
use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Sso, Action::Read);
const WRITE: Permission = Permission::new(Resource::Sso, Action::Write);

/// The mapping. Needs `sso:read`.
pub async fn read(control: &Control, actor: &Actor) -> Result<RoleMapping, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().role_mapping().await?)
}

/// What decided the role of an account, if the mapping as it is now has a say in that.
pub(crate) async fn manages(control: &Control, user: &UserId) -> Result<Option<Managed>, Error> {
    let Some(managed) = control.store().managed(user).await? else { return Ok(None) };
    let RoleMapping { rules, otherwise, .. } = control.store().role_mapping().await?;
    let decides = match managed.decided_by {
        Decision::Rule { .. } => true,
        Decision::Otherwise => matches!(otherwise, Otherwise::Role(_)),
        Decision::MissingClaim | Decision::NoRules => false,
    };
    Ok(Some(managed).filter(|_| decides && !rules.is_empty()))
}
