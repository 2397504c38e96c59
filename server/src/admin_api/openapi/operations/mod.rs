//! Every route of the Admin API, described, resource by resource.

mod audit;
mod catalog;
mod keys;
mod people;
mod portal;
mod roles;
mod scim;
mod sso;
mod tenants;

use super::operation::{Operation, delete, get, patch, post, put};
use model::role::Action::{Assign, Export, Read, Revoke, Write};
use model::role::{Action, Resource};

/// What an operation needs.
type Needs = (Resource, Action);

/// All of them, in the order of the document's resources.
pub(super) fn all() -> Vec<Operation> {
    let groups = [
        keys::operations(),
        keys::management(),
        people::users(),
        sso::identities(),
        people::access(),
        people::memberships(),
        roles::operations(),
        roles::mapping(),
        scim::operations(),
        tenants::operations(),
        catalog::providers(),
        catalog::models(),
        catalog::access_rules(),
        sso::operations(),
        audit::operations(),
        portal::operations(),
    ];
    groups.into_iter().flatten().collect()
}
