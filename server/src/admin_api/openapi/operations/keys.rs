//! `/auth-keys` and `/management-keys`.

use super::{Needs, Operation, Read, Resource, Revoke, Write, delete, get, patch, post};
use crate::admin_api::body::Reason;
use model::key::{
    CreatedKey, Environment, KeyChange, KeyKind, KeyStats, KeyStatus, KeyView, NewKey, RevokedKey, RotateKey,
    RotatedKey,
};
use model::management_key::{CreatedManagementKey, ManagementKeyView, NewManagementKey};
use model::{TenantId, UserId};
use serde_json::json;

const READ: Needs = (Resource::Keys, Read);
const WRITE: Needs = (Resource::Keys, Write);
const REVOKE: Needs = (Resource::Keys, Revoke);
const ENDED: [&str; 2] = ["key_revoked", "key_expired"];

pub(super) fn operations() -> Vec<Operation> {
    let revokes = |operation: Operation| {
        operation
            .says("For good, from the next request on; running requests are cut. A key's owner may, too.")
            .may_take::<Reason>(json!({ "reason": "left the company" }))
            .gives::<RevokedKey>()
    };
    let new = json!({
        "name": "team-alpha-service",
        "user_path": "/team/alpha/service",
        "tags": { "customer_id": "acme-corp" },
        "allowed_models": ["gpt-4o*"],
        "rate_limits": { "requests_per_minute": 60, "tokens_per_day": 1_000_000 },
        "expires_at": "2030-12-31T23:59:59Z",
    });
    let rates = json!({ "rate_limits": { "requests_per_minute": 120 }, "expires_at": null });
    vec![
        listed(get("/auth-keys", "list_keys", READ, "Lists keys").lists::<KeyView>()),
        post("/auth-keys", "create_key", WRITE, "Issues a key")
            .says("The answer holds the `secret`: it is given once, and nowhere else. An allow-list left out means all, an empty one none.")
            .takes::<NewKey>(new)
            .makes::<CreatedKey>()
            .gives_secret()
            .conflicts(&["standard_key_exists"]),
        get("/auth-keys/{id}", "read_key", READ, "Reads a key").says("A key's owner may, too.").gives::<KeyView>(),
        patch("/auth-keys/{id}", "change_key", WRITE, "Changes a key, from its next request on")
            .says("What is left out stays; `null` takes away. A key's owner may change some of it.")
            .takes::<KeyChange>(rates)
            .gives::<KeyView>()
            .conflicts(&ENDED),
        revokes(delete("/auth-keys/{id}", "delete_key", REVOKE, "Revokes a key")),
        revokes(post("/auth-keys/{id}/revoke", "revoke_key", REVOKE, "Revokes a key")),
        revokes(post("/auth-keys/{id}/deactivate", "deactivate_key", REVOKE, "Revokes a key")),
        post("/auth-keys/{id}/rotate", "rotate_key", WRITE, "Gives a key a new secret")
            .says("The old one works on for `grace`. A third secret ends the first. A key's owner may, too.")
            .may_take::<RotateKey>(json!({ "grace": "1h" }))
            .gives::<RotatedKey>()
            .gives_secret()
            .conflicts(&ENDED),
        get("/auth-keys/{id}/stats", "read_key_stats", READ, "Reads a key's usage in figures")
            .says("A key's owner may, too.")
            .gives::<KeyStats>(),
    ]
}

/// Which keys a list shows, and in which order.
pub(super) fn listed(operation: Operation) -> Operation {
    operation
        .searched("Name, public id, or the owner's name or e-mail address; `rk_prod_7H…` finds keys that begin so.")
        .filter::<KeyStatus>("status", "With this status; left out: all but revoked ones, which `hidden` counts.")
        .flag("include_revoked", "Revoked ones too.")
        .filter::<UserId>("owner_id", "Of this user.")
        .flag("owner_inactive", "Whose owner's account is Inactive.")
        .filter::<TenantId>("tenant_id", "Of this tenant.")
        .filter::<KeyKind>("kind", "Of this kind.")
        .filter::<Environment>("environment", "For this environment.")
        .plain(
            "tag",
            "With this tag, `name=value`.",
            json!({ "type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}=[^\x00-\x1f\x7f-\x9f]{1,256}$" }),
        )
        .days("unused_days", "Not used for more than so many days; never used counts from creation.")
        .days("expiring_days", "Active, and expiring within so many days.")
        .sorted(
            &["name", "created_at", "last_used_at", "expires_at"],
            "Order; `-` turns it round. `-created_at` when left out. Never used comes first, never expiring last.",
        )
        .paged()
}

pub(super) fn management() -> Vec<Operation> {
    const READ: Needs = (Resource::ManagementKeys, Read);
    const WRITE: Needs = (Resource::ManagementKeys, Write);
    let revokes = |operation: Operation| {
        let left = json!({ "reason": "the pipeline is gone" });
        operation.says("For good.").may_take::<Reason>(left).gives::<ManagementKeyView>()
    };
    let new = json!({ "name": "deploy pipeline", "permissions": ["keys:*"], "tenant_id": null });
    vec![
        get("/management-keys", "list_management_keys", READ, "Lists management keys, newest first")
            .filter::<UserId>("creator_id", "Made by this person.")
            .filter::<TenantId>("tenant_id", "Bound to this tenant.")
            .flag("include_revoked", "Revoked ones too.")
            .paged()
            .lists::<ManagementKeyView>(),
        post("/management-keys", "create_management_key", WRITE, "Makes a management key")
            .says("The answer holds the `secret`, once. It never may more than its creator.")
            .takes::<NewManagementKey>(new)
            .makes::<CreatedManagementKey>()
            .gives_secret(),
        get("/management-keys/{id}", "read_management_key", READ, "Reads a management key")
            .gives::<ManagementKeyView>(),
        revokes(delete("/management-keys/{id}", "delete_management_key", WRITE, "Revokes a management key")),
        revokes(post(
            "/management-keys/{id}/revoke",
            "revoke_management_key",
            WRITE,
            "Revokes a management key",
        )),
    ]
}
