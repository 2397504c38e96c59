//! The table: each server function with who may call it, and arguments that it takes.

use crate::support::PASSWORD;
use model::role::{Action, Permission, Resource};
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Access {
    /// Anybody: it decides by itself, or tells nothing.
    Public,
    /// Whoever is signed in, about themselves.
    SignedIn,
    /// Holders of a permission.
    Needs(Permission),
    /// Holders of a permission, and owners; to others the object isn't there.
    OwnOr(Permission),
}

pub(super) const READ_KEYS: Permission = Permission::new(Resource::Keys, Action::Read);
const WRITE_KEYS: Permission = Permission::new(Resource::Keys, Action::Write);
const REVOKE_KEYS: Permission = Permission::new(Resource::Keys, Action::Revoke);
const READ_USERS: Permission = Permission::new(Resource::Users, Action::Read);
const WRITE_USERS: Permission = Permission::new(Resource::Users, Action::Write);
const READ_ROLES: Permission = Permission::new(Resource::Roles, Action::Read);
const WRITE_ROLES: Permission = Permission::new(Resource::Roles, Action::Write);
const ASSIGN: Permission = Permission::new(Resource::Roles, Action::Assign);
const WRITE_MEMBERSHIPS: Permission = Permission::new(Resource::Memberships, Action::Write);
const READ_MANAGEMENT: Permission = Permission::new(Resource::ManagementKeys, Action::Read);
const WRITE_MANAGEMENT: Permission = Permission::new(Resource::ManagementKeys, Action::Write);
const READ_SSO: Permission = Permission::new(Resource::Sso, Action::Read);
const WRITE_SSO: Permission = Permission::new(Resource::Sso, Action::Write);
const READ_TENANTS: Permission = Permission::new(Resource::Tenants, Action::Read);
const WRITE_TENANTS: Permission = Permission::new(Resource::Tenants, Action::Write);
const READ_USAGE: Permission = Permission::new(Resource::Usage, Action::Read);
const READ_AUDIT: Permission = Permission::new(Resource::Audit, Action::Read);
const READ_PROVIDERS: Permission = Permission::new(Resource::Providers, Action::Read);
const WRITE_PROVIDERS: Permission = Permission::new(Resource::Providers, Action::Write);
const READ_MODELS: Permission = Permission::new(Resource::Models, Action::Read);
const WRITE_MODELS: Permission = Permission::new(Resource::Models, Action::Write);
const READ_RULES: Permission = Permission::new(Resource::AccessRules, Action::Read);
const WRITE_RULES: Permission = Permission::new(Resource::AccessRules, Action::Write);

/// The arguments of a call that would be taken.
pub(crate) enum Arguments {
    Json(Value),
    Form(&'static [(&'static str, &'static str)]),
}

use Access::{Needs, OwnOr, Public, SignedIn};
use Arguments::{Form, Json};

pub(crate) fn inventory(
    key: &str,
    user: &str,
    rule: &str,
    management: &str,
    scim: &str,
) -> Vec<(&'static str, Access, Arguments)> {
    let list = |field: &str| {
        let sort = json!({ "field": field, "direction": "ascending" });
        Json(json!({ "filter": {}, "sort": sort, "page": { "cursor": null, "limit": 10 } }))
    };
    let set_up: &[_] =
        &[("token", "none"), ("name", "Eve"), ("email", "eve@example.com"), ("password", PASSWORD)];
    let change: &[_] = &[("current_password", "wrong wrong wrong"), ("new_password", "another password")];
    let mut all = vec![
        ("session/viewer", Public, Json(json!({}))),
        ("session/setup-link", Public, Json(json!({ "token": "none" }))),
        ("session/set-up", Public, Form(set_up)),
        (
            "session/sign-in",
            Public,
            Form(&[("email", "eve@example.com"), ("password", "wrong"), ("next", "")]),
        ),
        ("session/sign-out", Public, Form(&[])),
        ("session/half-way", Public, Json(json!({}))),
        ("session/second-step", Public, Form(&[("code", "000000"), ("next", "")])),
        ("session/change-password", SignedIn, Form(change)),
        ("keys/list", Needs(READ_KEYS), list("name")),
        ("keys/list-own", SignedIn, list("name")),
        ("keys/read", OwnOr(READ_KEYS), Json(json!({ "id": key }))),
        ("keys/create-own", SignedIn, Json(json!({ "new": { "name": "own" }, "expires_in_days": null }))),
        (
            "keys/create",
            Needs(WRITE_KEYS),
            Json(json!({ "new": { "name": "key" }, "expires_in_days": null })),
        ),
        (
            "keys/change",
            OwnOr(WRITE_KEYS),
            Json(json!({ "id": key, "change": { "name": "inventory" }, "expires_in_days": null })),
        ),
        ("keys/rotate", OwnOr(WRITE_KEYS), Json(json!({ "id": key, "rotate": { "grace": "24h" } }))),
        ("keys/revoke", OwnOr(REVOKE_KEYS), Json(json!({ "id": key, "reason": "inventory" }))),
        ("usage/dashboard", Needs(READ_USAGE), Json(json!({ "tenant": null }))),
        ("usage/own", SignedIn, Json(json!({}))),
        ("usage/report", SignedIn, Json(json!({ "question": {} }))),
        ("usage/models", SignedIn, Json(json!({}))),
        ("usage/offered-models", SignedIn, Json(json!({}))),
        ("users/list", Needs(READ_USERS), list("name")),
        ("users/read", Needs(READ_USERS), Json(json!({ "id": user }))),
        ("session/account-link", Public, Json(json!({ "token": "none" }))),
        ("session/use-account-link", Public, Form(&[("token", "none"), ("password", PASSWORD)])),
    ];
    all.extend(second_factors(user));
    all.extend(people(user));
    let read = Json(json!({ "id": management }));
    all.push(("management-keys/read", Needs(READ_MANAGEMENT), read));
    let revoke = Json(json!({ "id": management, "reason": null }));
    all.push(("management-keys/revoke", Needs(WRITE_MANAGEMENT), revoke));
    all.extend(provisioning(scim));
    all.extend(catalog(rule));
    all.extend(audit());
    all.extend(tenants(key));
    all.extend(sso(user));
    all
}

/// About the provider `inventory`, if a test has made it.
fn sso(user: &str) -> Vec<(&'static str, Access, Arguments)> {
    let named = || Json(json!({ "name": "inventory" }));
    let new = crate::routes::identity_provider("inventory");
    let of_user = || Json(json!({ "id": user }));
    vec![
        ("sso/options", Public, Json(json!({}))),
        ("sso/list", Needs(READ_SSO), Json(json!({}))),
        ("sso/read", Needs(READ_SSO), named()),
        ("sso/create", Needs(WRITE_SSO), Json(json!({ "new": new }))),
        (
            "sso/change",
            Needs(WRITE_SSO),
            Json(json!({ "name": "inventory", "change": { "title": "Changed" } })),
        ),
        ("sso/check", Needs(WRITE_SSO), named()),
        ("sso/tested", SignedIn, Json(json!({}))),
        ("sso/set-password-sign-in", Needs(WRITE_SSO), Json(json!({ "on": true }))),
        ("sso/identities", Needs(READ_USERS), of_user()),
        ("sso/received-claims", Needs(READ_SSO), of_user()),
        ("sso/unlink", Needs(WRITE_USERS), Json(json!({ "id": user, "identity": "idn_0000000000000000" }))),
        ("sso/remove", Needs(WRITE_SSO), named()),
    ]
}

/// SCIM clients, and the log of what they did.
fn provisioning(client: &str) -> Vec<(&'static str, Access, Arguments)> {
    let page = json!({ "cursor": null, "limit": 10 });
    let list = || Json(json!({ "filter": {}, "page": page }));
    vec![
        ("scim-clients/list", Needs(READ_SSO), list()),
        ("scim-clients/read", Needs(READ_SSO), Json(json!({ "id": client }))),
        ("scim-clients/create", Needs(WRITE_SSO), Json(json!({ "new": { "name": "inventory" } }))),
        ("scim-clients/revoke", Needs(WRITE_SSO), Json(json!({ "id": client, "reason": null }))),
        ("provisioning-log/list", Needs(READ_SSO), list()),
    ]
}

/// Nobody here has one.
fn second_factors(user: &str) -> Vec<(&'static str, Access, Arguments)> {
    let confirmed = || Json(json!({ "current_password": "wrong wrong wrong", "code": "000000" }));
    let first = json!({ "ticket": "none", "current_password": "wrong wrong wrong", "code": "000000" });
    vec![
        ("second-factor/read", SignedIn, Json(json!({}))),
        ("second-factor/begin", SignedIn, Json(json!({}))),
        ("second-factor/enrol", SignedIn, Json(first)),
        ("second-factor/renew-recovery-codes", SignedIn, confirmed()),
        ("second-factor/remove", SignedIn, confirmed()),
        ("users/reset-second-factor", Needs(WRITE_USERS), Json(json!({ "id": user }))),
    ]
}

/// The tenant `default`, which nobody can delete: tenants are deleted in `control`'s tests.
fn tenants(key: &str) -> Vec<(&'static str, Access, Arguments)> {
    let page = json!({ "cursor": null, "limit": 10 });
    let one = || Json(json!({ "id": "default" }));
    let active = Json(json!({ "id": "default", "suspend": false, "reason": null }));
    let taken = json!({ "id": "default", "name": "Taken" });
    vec![
        ("keys/revoke-many", Needs(REVOKE_KEYS), Json(json!({ "ids": [key], "reason": "inventory" }))),
        ("tenants/list", Needs(READ_TENANTS), Json(json!({ "filter": {}, "page": page }))),
        ("tenants/read", Needs(READ_TENANTS), one()),
        ("tenants/create", Needs(WRITE_TENANTS), Json(json!({ "new": taken }))),
        ("tenants/change", Needs(WRITE_TENANTS), Json(json!({ "id": "default", "change": {} }))),
        ("tenants/switch", Needs(WRITE_TENANTS), active),
        ("tenants/holdings", Needs(WRITE_TENANTS), one()),
        ("tenants/delete", Needs(WRITE_TENANTS), Json(json!({ "id": "default", "reason": null }))),
    ]
}

fn audit() -> Vec<(&'static str, Access, Arguments)> {
    let page = json!({ "cursor": null, "limit": 10 });
    vec![
        ("audit/list", Needs(READ_AUDIT), Json(json!({ "filter": {}, "order": "descending", "page": page }))),
        ("audit/read", Needs(READ_AUDIT), Json(json!({ "seq": 1 }))),
        ("audit/verify", Needs(READ_AUDIT), Json(json!({ "after": null }))),
    ]
}

/// Accounts, roles, memberships and management keys. What is made by one call is taken by a later one.
fn people(user: &str) -> Vec<(&'static str, Access, Arguments)> {
    let page = json!({ "cursor": null, "limit": 10 });
    let of_user = || Json(json!({ "id": user }));
    let at = json!({ "tenant_id": "default", "role": "billing_admin" });
    let role = json!({ "name": "inventory", "title": "Inventory", "permissions": ["usage:read"] });
    let key = json!({ "name": "inventory", "permissions": ["usage:read"] });
    let member = json!({ "user_id": user, "tenant_id": "default" });
    vec![
        ("users/activity", Needs(READ_USERS), Json(json!({ "id": user, "page": page }))),
        ("users/sessions", Needs(READ_USERS), of_user()),
        ("users/end-sessions", Needs(WRITE_USERS), Json(json!({ "id": user, "only": null }))),
        (
            "users/create",
            Needs(WRITE_USERS),
            Json(json!({ "new": { "name": "Inventory", "email": "inventory@example.com" } })),
        ),
        ("users/change", Needs(WRITE_USERS), Json(json!({ "id": user, "change": { "status": "active" } }))),
        ("users/invite", Needs(WRITE_USERS), of_user()),
        ("users/reset-link", Needs(WRITE_USERS), of_user()),
        ("role-mappings/read", Needs(READ_SSO), Json(json!({}))),
        ("role-mappings/change", Needs(WRITE_SSO), Json(json!({ "mapping": { "rules": [] } }))),
        ("role-mappings/simulate", Needs(READ_SSO), Json(json!({ "request": { "claims": "{}" } }))),
        ("roles/list", Needs(READ_ROLES), Json(json!({}))),
        ("roles/read", Needs(READ_ROLES), Json(json!({ "name": "user" }))),
        ("roles/assignable", Needs(ASSIGN), Json(json!({ "tenant": null }))),
        ("roles/create", Needs(WRITE_ROLES), Json(json!({ "new": role }))),
        (
            "roles/preview",
            Needs(ASSIGN),
            Json(json!({ "change": { "type": "set_role", "user_id": user, "role": "billing_admin" } })),
        ),
        (
            "roles/change",
            Needs(WRITE_ROLES),
            Json(json!({ "name": "inventory", "change": { "title": "Changed" } })),
        ),
        ("roles/remove", Needs(WRITE_ROLES), Json(json!({ "name": "inventory" }))),
        ("roles/set", Needs(ASSIGN), Json(json!({ "id": user, "change": { "role": "user" } }))),
        ("memberships/add", Needs(WRITE_MEMBERSHIPS), Json(json!({ "new": member }))),
        ("roles/assign", Needs(ASSIGN), Json(json!({ "id": user, "assignment": at }))),
        ("roles/unassign", Needs(ASSIGN), Json(json!({ "id": user, "assignment": at }))),
        (
            "memberships/end",
            Needs(WRITE_MEMBERSHIPS),
            Json(json!({ "user_id": user, "tenant_id": "default", "reason": null })),
        ),
        ("users/offboard-inventory", Needs(WRITE_USERS), of_user()),
        ("users/offboard", Needs(WRITE_USERS), Json(json!({ "id": user, "reason": null }))),
        ("users/offboard-many", Needs(WRITE_USERS), Json(json!({ "many": { "ids": [user] } }))),
        (
            "users/set-status-many",
            Needs(WRITE_USERS),
            Json(json!({ "many": { "ids": [user], "status": "active" } })),
        ),
        ("management-keys/list", Needs(READ_MANAGEMENT), Json(json!({ "filter": {}, "page": page }))),
        (
            "management-keys/create",
            Needs(WRITE_MANAGEMENT),
            Json(json!({ "new": key, "expires_in_days": null })),
        ),
    ]
}

/// Providers, models and access rules: those of the configuration, which nobody changes here, and one rule.
fn catalog(rule: &str) -> Vec<(&'static str, Access, Arguments)> {
    let page = json!({ "cursor": null, "limit": 10 });
    let echo = || Json(json!({ "name": "echo" }));
    let new = json!({ "name": "echo", "kind": "echo" });
    let to = json!({ "provider": "echo", "upstream_model": "echo" });
    let about = json!({ "scope": { "type": "user_path", "value": "/x" }, "denied_models": ["*"] });
    vec![
        ("providers/list", Needs(READ_PROVIDERS), Json(json!({ "q": null, "page": page }))),
        ("providers/names", Needs(READ_PROVIDERS), Json(json!({}))),
        ("providers/read", Needs(READ_PROVIDERS), echo()),
        ("providers/create", Needs(WRITE_PROVIDERS), Json(json!({ "new": new }))),
        ("providers/change", Needs(WRITE_PROVIDERS), Json(json!({ "name": "echo", "change": {} }))),
        ("providers/remove", Needs(WRITE_PROVIDERS), echo()),
        ("providers/test", Needs(WRITE_PROVIDERS), echo()),
        ("models/list", Needs(READ_MODELS), Json(json!({ "q": null, "page": page }))),
        ("models/read", Needs(READ_MODELS), echo()),
        ("models/callers", Needs(READ_MODELS), Json(json!({ "name": "echo", "page": page }))),
        ("models/create", Needs(WRITE_MODELS), Json(json!({ "new": { "name": "echo", "targets": [to] } }))),
        ("models/change", Needs(WRITE_MODELS), Json(json!({ "name": "echo", "change": {} }))),
        ("models/remove", Needs(WRITE_MODELS), echo()),
        ("access-rules/list", Needs(READ_RULES), Json(json!({ "filter": {}, "page": page }))),
        ("access-rules/read", Needs(READ_RULES), Json(json!({ "id": rule }))),
        ("access-rules/create", Needs(WRITE_RULES), Json(json!({ "new": about }))),
        ("access-rules/change", Needs(WRITE_RULES), Json(json!({ "id": rule, "change": {} }))),
        ("access-rules/remove", Needs(WRITE_RULES), Json(json!({ "id": rule }))),
    ]
}
