//! Operations on tenants.

mod change;
mod create;
mod delete;
mod list;

pub use change::{activate, change, suspend};
pub use create::create;
pub use delete::{delete, holdings};
pub use list::{list, of_actor, read};

use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::TenantId;
use model::role::{Action, Permission, Resource};
use model::tenant::Tenant;

const READ: Permission = Permission::new(Resource::Tenants, Action::Read);
const WRITE: Permission = Permission::new(Resource::Tenants, Action::Write);

async fn authorise(
    control: &Control,
    actor: &Actor,
    id: &TenantId,
    action: &'static str,
) -> Result<(), Error> {
    let target = Target { kind: "tenant", id: id.as_str(), name: "", tenant_id: Some(id) };
    control.authorise_in(actor, WRITE, READ, Some(id), action, &target).await
}

fn target(tenant: &Tenant) -> Target<'_> {
    Target { kind: "tenant", id: tenant.id.as_str(), name: &tenant.name, tenant_id: Some(&tenant.id) }
}
