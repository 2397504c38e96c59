//! Operations on models.

mod callers;
mod change;
mod create;
mod list;
mod overview;
mod read;
mod remove;

pub use callers::who_may_call;
pub use change::change;
pub use create::create;
pub use list::list;
pub use overview::overview;
pub use read::read;
pub use remove::remove;

use crate::Error;
use crate::audit::Target;
use model::catalog::NewModel;
use model::role::{Action, Permission, Resource};
use model::{FieldError, ModelName, ProviderName};
use store::Tx;

const READ: Permission = Permission::new(Resource::Models, Action::Read);
const WRITE: Permission = Permission::new(Resource::Models, Action::Write);

fn target(name: &ModelName) -> Target<'_> {
    Target { kind: "model", id: name.as_str(), name: name.as_str(), tenant_id: None }
}

/// What is wrong with a model's fields, its providers' names included.
async fn check(tx: &mut Tx, new: &NewModel) -> Result<(), Error> {
    let mut errors = new.check();
    if new.targets.len() <= NewModel::MAX_TARGETS {
        let names: Vec<ProviderName> = new.targets.iter().map(|target| target.provider.clone()).collect();
        let known = tx.provider_names(&names).await?;
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !known.contains(name)) {
            errors.push(FieldError::new(
                format!("targets[{at}].provider"),
                format!("there is no provider {name}"),
            ));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}
