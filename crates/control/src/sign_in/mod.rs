//! Ways in: the one-time set-up, e-mail and password, and turning a session back into an actor.

mod account_link;
mod actor_for;
mod change_password;
mod first_run;
mod lockout;
mod password;
mod sign_out;
mod subject;

pub use account_link::{account_link, use_account_link};
pub use actor_for::actor_for;
pub use change_password::change_password;
pub(crate) use first_run::LINK_LIFE;
pub use first_run::{FirstRun, SeedAdmin, SetupForm, complete_setup, prepare, setup_link_valid};
pub(crate) use lockout::guess;
pub(crate) use lockout::network;
pub use password::sign_in;
pub use sign_out::sign_out;
pub use subject::{SignedIn, Subject};

use std::time::Duration;

/// A session that wasn't used for this long has ended.
pub const SESSION_IDLE: Duration = Duration::from_hours(12);
