//! Accounts that a client provisions.

mod change;
mod create;
mod delete;
mod list;

pub use change::{patch, replace};
pub use create::create;
pub use delete::delete;
pub use list::{list, read};

use super::log::Asked;
use super::{Caller, Error, Found};
use identity::scim::schema::USERS;
use identity::scim::user::{Facts, UserFields, render};
use model::UserId;
use model::scim::{ProvisionedResource, ProvisioningOperation};
use model::user::UserStatus;
use serde_json::{Map, Value};
use store::{ScimUser, Tx};

/// Id and name of each group.
type Groups = [(String, String)];

/// The resource of an account. Its tag changes with what was said and with the account's status, which others can change
/// too.
fn found(user: &ScimUser, groups: &Groups) -> Found {
    let active = user.status == UserStatus::Active;
    let version = format!("W/\"{}{}\"", user.version, if active { "" } else { "-inactive" });
    let facts = Facts {
        id: user.user_id.to_string(),
        created_at: user.created_at,
        updated_at: user.updated_at,
        version: version.clone(),
    };
    Found { id: facts.id.clone(), version, resource: render(&user.attributes, &facts, active, groups) }
}

fn asked(operation: ProvisioningOperation, id: &str, resource: Option<&Value>) -> Asked {
    let name = resource.and_then(|resource| resource["userName"].as_str()).unwrap_or_default();
    Asked { operation, resource: ProvisionedResource::User, id: id.to_owned(), name: name.to_owned() }
}

/// An id that isn't one of ours is that of no resource.
fn parse_id(id: &str) -> Result<UserId, Error> {
    id.parse().map_err(|_| crate::Error::NotFound.into())
}

fn fields_of(attributes: Map<String, Value>) -> Result<UserFields, Error> {
    Ok(UserFields::read(attributes)?)
}

fn taken(resource: &Value) -> Result<Map<String, Value>, Error> {
    Ok(USERS.take(resource)?)
}

/// Refuses what another account of this client has already.
async fn check_unique(
    tx: &mut Tx,
    caller: &Caller,
    fields: &UserFields,
    but: Option<&UserId>,
) -> Result<(), Error> {
    if tx.scim_user_named(caller.id(), &fields.user_name, but).await?.is_some() {
        return Err(Error::taken(format!("there is a user with the userName {} already", fields.user_name)));
    }
    if let Some(external_id) = &fields.external_id
        && tx.scim_user_outside(caller.id(), external_id, but).await?.is_some()
    {
        return Err(Error::taken(format!("there is a user with the externalId {external_id} already")));
    }
    Ok(())
}
