//! Provisioning by SCIM: clients and their tokens, and what they may do with accounts and groups.
//!
//! A client sees what it provisions itself and nothing else. It acts on accounts as the operations in [`crate::users`] do:
//! one transaction with its audit row, and `active: false` is the whole offboarding. No client touches a `super_admin`,
//! and none gives a role: groups do, as far as they are mapped to roles ([`apply_mapping`]).

mod authenticate;
mod caller;
mod clients;
mod error;
pub mod groups;
mod log;
pub mod users;

pub use authenticate::authenticate;
pub use caller::{Caller, Precondition};
pub use clients::{create, list, read, revoke};
pub use error::Error;
pub(crate) use groups::apply_mapping;
pub use log::provisioning_log;

use model::role::{Action, Permission, Resource};
use serde_json::{Map, Value};

const READ: Permission = Permission::new(Resource::Sso, Action::Read);
const WRITE: Permission = Permission::new(Resource::Sso, Action::Write);

/// A resource as it is returned, but for addresses, which the edge knows.
#[derive(Clone, Debug)]
pub struct Found {
    /// Our own id.
    pub id: String,
    /// Its entity tag.
    pub version: String,
    /// All of it.
    pub resource: Map<String, Value>,
}

/// Some of the resources that match.
#[derive(Clone, Debug)]
pub struct Listed {
    /// How many match in all.
    pub total: usize,
    /// Those that were asked for, whole but for groups and members that nobody wants to see.
    pub resources: Vec<Map<String, Value>>,
}
