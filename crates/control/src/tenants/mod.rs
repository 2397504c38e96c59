//! Operations on tenants.

mod change;
mod create;
mod list;

pub use change::{activate, change, suspend};
pub use create::create;
pub use list::{list, of_actor};

use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Tenants, Action::Read);
const WRITE: Permission = Permission::new(Resource::Tenants, Action::Write);
