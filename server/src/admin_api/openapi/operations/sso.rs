//! `/identity-providers`, and the identities of accounts.

use super::{Needs, Operation, Read, Resource, Write, delete, get, patch, post};
use model::sso::{Identity, IdentityProvider, IdentityProviderChange, NewIdentityProvider, ProviderCheck};
use serde_json::json;

const READ: Needs = (Resource::Sso, Read);
const WRITE: Needs = (Resource::Sso, Write);
/// Somebody could be locked out by it.
const LAST: &str = "last_way_in";

pub(super) fn operations() -> Vec<Operation> {
    let new = json!({
        "name": "okta", "title": "Sign in with Okta", "preset": "okta", "issuer": "https://example.okta.com",
        "client_id": "0oa1b2c3d4", "client_secret": "sk-upstream-credential", "allowed_domains": ["example.com"],
    });
    vec![
        get("/identity-providers", "list_identity_providers", READ, "Lists all identity providers by title")
            .lists::<IdentityProvider>(),
        post("/identity-providers", "create_identity_provider", WRITE, "Makes an identity provider")
            .says("`client_secret` is write-only: records say `has_client_secret` and no more.")
            .takes::<NewIdentityProvider>(new)
            .makes::<IdentityProvider>()
            .conflicts(&["identity_provider_exists"]),
        get("/identity-providers/{name}", "read_identity_provider", READ, "Reads an identity provider")
            .gives::<IdentityProvider>(),
        patch("/identity-providers/{name}", "change_identity_provider", WRITE, "Changes an identity provider")
            .says("With another issuer, `client_secret` must be given again, or `null`. Switched off, its sessions end.")
            .takes::<IdentityProviderChange>(json!({ "enabled": false }))
            .gives::<IdentityProvider>()
            .conflicts(&[LAST]),
        delete("/identity-providers/{name}", "delete_identity_provider", WRITE, "Removes an identity provider")
            .says("Its sessions end. Its people stay who they are, should it come back.")
            .conflicts(&[LAST]),
        post("/identity-providers/{name}/check", "check_identity_provider", WRITE, "Looks at an identity provider")
            .says("200 whatever was found: `ok` says whether people could sign in.")
            .gives::<ProviderCheck>(),
    ]
}

/// Of an account.
pub(super) fn identities() -> Vec<Operation> {
    const READ: Needs = (Resource::Users, Read);
    const WRITE: Needs = (Resource::Users, Write);
    vec![
        get("/users/{id}/identities", "list_identities", READ, "Lists who somebody is at identity providers")
            .says("One's own need no permission.")
            .lists::<Identity>(),
        delete("/users/{id}/identities/{identity_id}", "unlink_identity", WRITE, "Takes an identity from its account")
            .says("Ends the sessions that were begun with it. Whoever signs in with it next comes for the first time."),
    ]
}
