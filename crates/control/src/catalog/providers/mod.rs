//! Operations on providers. Credentials go in and never come out: they are sealed before the transaction begins.

mod change;
mod create;
mod list;
mod overview;
mod read;
mod remove;
mod test;

pub use change::change;
pub use create::create;
pub use list::list;
pub use overview::{names, overview};
pub use read::read;
pub use remove::remove;
pub use test::test;

use super::sealing_purpose;
use crate::audit::Target;
use crate::{Control, Error};
use model::ProviderName;
use model::catalog::NewCredential;
use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Providers, Action::Read);
const WRITE: Permission = Permission::new(Resource::Providers, Action::Write);

fn target(name: &ProviderName) -> Target<'_> {
    Target { kind: "provider", id: name.as_str(), name: name.as_str(), tenant_id: None }
}

fn seal(control: &Control, name: &ProviderName, credential: &NewCredential) -> Result<Vec<u8>, Error> {
    Ok(control.0.sealing_key.seal(credential.expose(), &sealing_purpose(name), control.entropy())?)
}
