//! Groups that a client provisions. A group gives nothing by itself; what its members are given is for the mapping to say.

mod create;
mod delete;
mod list;
mod mapping;
mod members;
mod replace;

pub use create::create;
pub use delete::delete;
pub use list::{list, read};
pub(crate) use mapping::apply_mapping;
pub use replace::{patch, replace};

use super::log::Asked;
use super::{Error, Found};
use crate::audit::Target;
use identity::scim::group::{GroupFields, render};
use identity::scim::user::Facts;
use model::scim::{ProvisionedResource, ProvisioningOperation};
use model::{ScimGroupId, UserId};
use serde_json::Value;
use std::collections::BTreeSet;
use store::{ScimGroup, Tx};

/// The resource of a group. `members`: `None`: they weren't asked for.
fn found(group: &ScimGroup, members: Option<Vec<UserId>>) -> Found {
    let version = format!("W/\"{}\"", group.version);
    let facts = Facts {
        id: group.id.to_string(),
        created_at: group.created_at,
        updated_at: group.updated_at,
        version: version.clone(),
    };
    let fields = GroupFields {
        display_name: group.display_name.clone(),
        external_id: group.external_id.clone(),
        members: BTreeSet::new(),
    };
    let members: Option<Vec<String>> =
        members.map(|members| members.iter().map(ToString::to_string).collect());
    Found { id: facts.id.clone(), version, resource: render(&fields, &facts, members.as_deref()) }
}

fn asked(operation: ProvisioningOperation, id: &str, resource: Option<&Value>) -> Asked {
    let name = resource.and_then(|resource| resource["displayName"].as_str()).unwrap_or_default();
    Asked { operation, resource: ProvisionedResource::Group, id: id.to_owned(), name: name.to_owned() }
}

/// An id that isn't one of ours is that of no resource.
fn parse_id(id: &str) -> Result<ScimGroupId, Error> {
    id.parse().map_err(|_| crate::Error::NotFound.into())
}

fn target(group: &ScimGroup) -> Target<'_> {
    Target { kind: "scim_group", id: group.id.as_str(), name: &group.display_name, tenant_id: None }
}

/// Refuses what another group of this client has already.
async fn check_unique(tx: &mut Tx, group: &ScimGroup) -> Result<(), Error> {
    match tx.scim_group_like(group).await? {
        None => Ok(()),
        Some(_) => Err(Error::taken(format!(
            "there is a group with the displayName {} or with its externalId already",
            group.display_name
        ))),
    }
}
