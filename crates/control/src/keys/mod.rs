//! Operations on API keys.

mod create;
mod list;
mod read;
mod revoke;

pub(crate) use create::check_providers;
pub use create::{create, create_own};
pub use list::{list, list_own};
pub use read::read;
pub use revoke::revoke;

use crate::audit::Target;
use model::key::KeyView;
use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Keys, Action::Read);
const WRITE: Permission = Permission::new(Resource::Keys, Action::Write);
const REVOKE: Permission = Permission::new(Resource::Keys, Action::Revoke);

fn target(key: &KeyView) -> Target<'_> {
    Target { kind: "key", id: key.id.as_str(), name: &key.name, tenant_id: Some(&key.tenant_id) }
}
