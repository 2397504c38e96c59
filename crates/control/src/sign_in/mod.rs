//! Ways in: the one-time set-up, e-mail and password, and turning a session back into an actor.

mod actor_for;
mod change_password;
mod first_run;
mod lockout;
mod password;
mod sign_out;
mod subject;

pub use actor_for::actor_for;
pub use change_password::change_password;
pub use first_run::{FirstRun, SeedAdmin, SetupForm, complete_setup, prepare, setup_link_valid};
pub(crate) use lockout::network;
pub use password::sign_in;
pub use sign_out::sign_out;
pub use subject::{SignedIn, Subject};
