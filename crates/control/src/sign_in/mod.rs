//! Ways in: the one-time set-up, e-mail and password, the second step, and turning a session back into an actor.

mod account_link;
mod change_password;
mod confirm;
mod first_run;
mod lockout;
mod password;
mod presence;
mod second_step;
mod sign_out;
mod start;
mod subject;

pub use account_link::{account_link, use_account_link};
pub use change_password::change_password;
pub(crate) use confirm::confirm_password;
pub(crate) use first_run::LINK_LIFE;
pub use first_run::{FirstRun, SeedAdmin, SetupForm, complete_setup, prepare, setup_link_valid};
pub(crate) use lockout::{forgive, guess, network};
pub use password::sign_in;
pub use presence::{Presence, presence_of};
pub use second_step::second_step;
pub use sign_out::sign_out;
pub(crate) use start::ACTION as START;
pub use subject::{FirstStep, HALF_SESSION_LIFE, HalfSession, ProviderSession, SignedIn, Subject};

use std::time::Duration;

/// A session that wasn't used for this long has ended.
pub const SESSION_IDLE: Duration = Duration::from_hours(12);
