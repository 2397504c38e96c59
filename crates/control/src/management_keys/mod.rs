//! Management keys: credentials of the Admin API. One is never more than its creator is at that moment.

mod authenticate;
mod create;
mod list;
mod revoke;

pub use authenticate::actor_of_bearer;
pub(crate) use authenticate::actor_with;
pub use create::create;
pub use list::{list, read};
pub use revoke::revoke;

use crate::audit::Target;
use model::management_key::ManagementKey;
use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::ManagementKeys, Action::Read);
const WRITE: Permission = Permission::new(Resource::ManagementKeys, Action::Write);

fn target(key: &ManagementKey) -> Target<'_> {
    Target { kind: "management_key", id: key.id.as_str(), name: &key.name, tenant_id: key.tenant_id.as_ref() }
}
