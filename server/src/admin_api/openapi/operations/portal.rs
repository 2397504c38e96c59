//! `/admin/api-keys`: the small shape of keys. It takes every field of the whole one, under the same names but for
//! `expiration`.

use super::keys::listed;
use super::{Needs, Operation, Read, Resource, Revoke, Write, delete, get, patch, post};
use crate::admin_api::body::Reason;
use crate::admin_api::portal::{PortalKey, PortalList, PortalRevoked, PortalSecret};
use model::key::{KeyChange, NewKey};
use serde_json::json;
use std::borrow::Cow;
use utoipa::openapi::{RefOr, schema::Schema};
use utoipa::{PartialSchema, ToSchema};

const READ: Needs = (Resource::Keys, Read);
const WRITE: Needs = (Resource::Keys, Write);

pub(super) fn operations() -> Vec<Operation> {
    let tags = json!({ "customer_id": "acme-corp" });
    let new = json!({ "description": "Acme Corp", "tags": tags, "expiration": "2030-12-31T23:59:59Z" });
    vec![
        listed(get("/admin/api-keys", "portal_list_keys", READ, "Lists keys")
            .says("Without `Authorization` this is the page for people.").gives::<PortalList>()),
        post("/admin/api-keys", "portal_create_key", WRITE, "Issues a key")
            .says("Without a `name` it is called by the first line of its description. `api_key` is given once.")
            .takes::<PortalNewKey>(new)
            .makes::<PortalSecret>()
            .gives_secret()
            .conflicts(&["standard_key_exists"]),
        get("/admin/api-keys/{id}", "portal_read_key", READ, "Reads a key").gives::<PortalKey>(),
        patch("/admin/api-keys/{id}", "portal_change_key", WRITE, "Changes a key")
            .says("What is left out stays; `null` takes away.")
            .takes::<PortalKeyChange>(json!({ "expiration": null }))
            .gives::<PortalKey>()
            .conflicts(&["key_revoked", "key_expired"]),
        delete("/admin/api-keys/{id}", "portal_revoke_key", (Resource::Keys, Revoke), "Revokes a key")
            .may_take::<Reason>(json!({ "reason": "the customer has left" }))
            .gives::<PortalRevoked>(),
    ]
}

/// What `POST` takes.
enum PortalNewKey {}

/// What `PATCH` takes.
enum PortalKeyChange {}

macro_rules! small_shape {
    ($($small:ident of $whole:ident;)*) => {$(
        impl PartialSchema for $small {
            fn schema() -> RefOr<Schema> {
                small($whole::schema())
            }
        }
        impl ToSchema for $small {
            fn name() -> Cow<'static, str> {
                stringify!($small).into()
            }
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                $whole::schemas(schemas);
            }
        }
    )*};
}

small_shape! {
    PortalNewKey of NewKey;
    PortalKeyChange of KeyChange;
}

/// The same with `expiration` for `expires_at`, and no name needed.
fn small(schema: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut whole)) = schema else { return schema };
    whole.required.retain(|name| name != "name");
    if let Some(end) = whole.properties.remove("expires_at") {
        whole.properties.insert("expiration".to_owned(), end);
    }
    Schema::Object(whole).into()
}
