//! Operations on accounts.

mod create;
mod list;
mod read;
mod reset_password;
mod set_status;

pub use create::create;
pub(crate) use create::{insert, new_local_user};
pub use list::list;
pub use read::read;
pub use reset_password::reset_password;
pub use set_status::set_status;

use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Users, Action::Read);
const WRITE: Permission = Permission::new(Resource::Users, Action::Write);
