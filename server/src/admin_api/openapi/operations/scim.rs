//! `/scim-clients` and `/provisioning-log`.

use super::{Needs, Operation, Read, Resource, Write, delete, get, post};
use crate::admin_api::body::Reason;
use model::ScimClientId;
use model::scim::{CreatedScimClient, NewScimClient, ProvisioningEntry, ProvisioningResult, ScimClient};
use serde_json::json;

const READ: Needs = (Resource::Sso, Read);
const WRITE: Needs = (Resource::Sso, Write);

pub(super) fn operations() -> Vec<Operation> {
    let revokes = |operation: Operation| {
        let left = json!({ "reason": "the token has leaked" });
        operation
            .says("For good. What it provisioned stays; a client that adopts existing accounts can take it over.")
            .may_take::<Reason>(left)
            .gives::<ScimClient>()
    };
    vec![
        get("/scim-clients", "list_scim_clients", READ, "Lists SCIM clients, newest first")
            .flag("include_revoked", "Revoked ones too.")
            .paged()
            .lists::<ScimClient>(),
        post("/scim-clients", "create_scim_client", WRITE, "Makes a SCIM client")
            .says("The answer holds the `secret`, its token, once. Needs `users:write` as well: that is what the token gives.")
            .takes::<NewScimClient>(json!({ "name": "Okta", "adopt_existing": false }))
            .makes::<CreatedScimClient>()
            .gives_secret(),
        get("/scim-clients/{id}", "read_scim_client", READ, "Reads a SCIM client").gives::<ScimClient>(),
        revokes(delete("/scim-clients/{id}", "delete_scim_client", WRITE, "Revokes a SCIM client's token")),
        revokes(post("/scim-clients/{id}/revoke", "revoke_scim_client", WRITE, "Revokes a SCIM client's token")),
        get("/provisioning-log", "list_provisioning_log", READ, "Lists what SCIM clients asked for, newest first")
            .says("The last 90 days, and 100,000 lines at most. What was changed stands in the audit log.")
            .filter::<ScimClientId>("client_id", "Of this client.")
            .filter::<ProvisioningResult>("result", "With this result.")
            .paged()
            .lists::<ProvisioningEntry>(),
    ]
}
