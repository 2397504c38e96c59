//! Operations on API keys.

mod change;
mod create;
mod list;
mod own;
mod read;
mod revoke;
mod revoke_many;
mod rotate;

pub use change::change;
pub(crate) use create::check_providers;
pub use create::{create, create_own};
pub use list::{list, list_own};
pub(crate) use read::made;
pub use read::{read, stats};
pub use revoke::revoke;
pub use revoke_many::revoke_many;
pub use rotate::rotate;

use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::Timestamp;
use model::key::{ApiKey, KeyStatus, KeyView};
use model::role::{Action, Permission, Resource};

const READ: Permission = Permission::new(Resource::Keys, Action::Read);
const WRITE: Permission = Permission::new(Resource::Keys, Action::Write);
const REVOKE: Permission = Permission::new(Resource::Keys, Action::Revoke);

fn target(key: &KeyView) -> Target<'_> {
    Target { kind: "key", id: key.id.as_str(), name: &key.name, tenant_id: Some(&key.tenant_id) }
}

fn is_owner(actor: &Actor, key: &KeyView) -> bool {
    actor.user().is_some_and(|user| key.owner_id.as_ref() == Some(&user.id))
}

/// Refuses, and writes down that it did, unless `actor` holds `permission` in the key's tenant or owns the key. A
/// `super_admin`'s key is theirs and other `super_admin`s'. Who can see the key learns what is missing; who can't gets what
/// an unknown id gets.
async fn authorise(
    control: &Control,
    actor: &Actor,
    permission: Permission,
    action: &'static str,
    key: &KeyView,
) -> Result<(), Error> {
    if is_owner(actor, key) {
        return Ok(());
    }
    let error = if actor.may_in(permission, &key.tenant_id) {
        let Some(owner) = &key.owner_id else { return Ok(()) };
        let owner = control.store().user(owner).await?.ok_or(Error::NotFound)?;
        if !actor.is_outranked_by(&owner) {
            return Ok(());
        }
        Error::Outranked
    } else if actor.may_in(READ, &key.tenant_id) {
        Error::Forbidden(permission)
    } else {
        Error::NotFound
    };
    Err(control.refuse(actor, permission, action, &target(key), error).await)
}

/// A key that is over stays as it is: a change or a new secret would bring it back.
fn still_works(key: &ApiKey, now: Timestamp) -> Result<(), Error> {
    let (code, detail) = match key.status_at(now) {
        KeyStatus::Active => return Ok(()),
        KeyStatus::Expired => ("key_expired", "This key has expired. Issue a new one."),
        KeyStatus::Revoked => ("key_revoked", "This key was revoked, which is for good. Issue a new one."),
    };
    Err(Error::Conflict { code, detail: detail.into() })
}
