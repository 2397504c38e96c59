//! Operations on accounts.

mod access;
mod activity;
mod change;
mod create;
mod export;
mod link;
mod list;
mod many;
mod offboard;
mod read;
mod reset_password;
mod reset_second_factor;
mod sessions;
mod set_status;

pub(crate) use access::{
    authorise, authorise_takeover, is_seen, lacking_to_take_over, may_write, refuse_unseen, target,
};
pub use activity::activity;
pub use change::change;
pub use create::create;
pub(crate) use create::{insert, new_local_user};
pub use export::{Export, export};
pub use link::{NewLink, invite, reset_link};
pub use list::list;
pub use many::{offboard_many, set_status_many};
pub(crate) use offboard::{TakenAway, take_away};
pub use offboard::{inventory, offboard};
pub use read::read;
pub use reset_password::reset_password;
pub use reset_second_factor::reset_second_factor;
pub(crate) use sessions::sessions_of;
pub use sessions::{end_sessions, sessions};
pub use set_status::set_status;

use model::role::{Action, Permission, Resource};

pub(crate) const READ: Permission = Permission::new(Resource::Users, Action::Read);
pub(crate) const WRITE: Permission = Permission::new(Resource::Users, Action::Write);
