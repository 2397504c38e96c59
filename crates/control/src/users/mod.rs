//! Operations on accounts.

mod access;
mod create;
mod list;
mod read;
mod reset_password;
mod set_status;

pub(crate) use access::{authorise, authorise_takeover, is_seen, refuse_unseen, target};
pub use create::create;
pub(crate) use create::{insert, new_local_user};
pub use list::list;
pub use read::read;
pub use reset_password::reset_password;
pub use set_status::set_status;

use model::role::{Action, Permission, Resource};

pub(crate) const READ: Permission = Permission::new(Resource::Users, Action::Read);
const WRITE: Permission = Permission::new(Resource::Users, Action::Write);
