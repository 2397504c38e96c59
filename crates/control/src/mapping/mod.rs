//! Role mapping: the rules, trying them out, and what they do to an account.

mod apply;
mod change;
mod simulate;

pub(crate) use apply::apply;
pub use change::change;
pub use simulate::simulate;

use crate::{Actor, Control, Error};
use model::mapping::RoleMapping;
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
