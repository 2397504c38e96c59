//! Who belongs to which tenant. Who leaves one loses their keys and their roles there.

mod add;
mod end;
mod list;

pub use add::add;
pub use end::end;
pub use list::list;

use crate::audit::Target;
use model::TenantId;
use model::role::{Action, Permission, Resource};
use model::user::User;

const READ: Permission = Permission::new(Resource::Memberships, Action::Read);
const WRITE: Permission = Permission::new(Resource::Memberships, Action::Write);

fn target<'a>(user: &'a User, tenant: &'a TenantId) -> Target<'a> {
    Target { kind: "membership", id: user.id.as_str(), name: &user.email, tenant_id: Some(tenant) }
}
