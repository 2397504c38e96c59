//! The schemas as tables: what attributes there are, and what a client may say of them.
//!
//! Clients are taken as they are: names in any case, `"True"` for a boolean, one value where there may be many, a text
//! where an object with a `value` is meant. What a schema doesn't name is left out, what is read-only too.

mod attribute;
mod group;
mod take;
mod user;

pub use attribute::{Attribute, Kind, Mutability, Returned, Uniqueness};
pub(super) use take::attribute_of as take_attribute;

use super::{ENTERPRISE_USER, GROUP, ScimError, USER};
use serde_json::{Map, Value};

/// A resource type's schema, with its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Its URN.
    pub id: &'static str,
    /// Its name: `User`.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// Schemas whose attributes stand in an object under the schema's URN.
    pub extensions: &'static [Schema],
}

/// Of accounts.
pub static USERS: Schema = Schema {
    id: USER,
    name: "User",
    description: "An account",
    attributes: user::ATTRIBUTES,
    extensions: &[Schema {
        id: ENTERPRISE_USER,
        name: "EnterpriseUser",
        description: "An account in an organisation",
        attributes: user::ENTERPRISE,
        extensions: &[],
    }],
};

/// Of groups.
pub static GROUPS: Schema = Schema {
    id: GROUP,
    name: "Group",
    description: "A group of accounts",
    attributes: group::ATTRIBUTES,
    extensions: &[],
};

impl Schema {
    /// The attribute of this name, in any case; those that all resources have included.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        attribute::COMMON.iter().chain(self.attributes).find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// The extension with this URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().find(|known| known.id.eq_ignore_ascii_case(urn))
    }

    /// What a client says of a resource, in the form in which it is kept: without what is read-only or unknown.
    pub fn take(&self, resource: &Value) -> Result<Map<String, Value>, ScimError> {
        take::resource(self, resource)
    }
}
