//! Every server function of the pages, found in their sources: closed to strangers unless it stands on the public
//! list, and to other sites always.

mod table;

use table::Access::{Needs, OwnOr, Public, SignedIn};
use table::Arguments::{Form, Json};
use table::READ_KEYS;
pub(crate) use table::{Access, Arguments, inventory};

use crate::client::Ask;
use crate::support::{ADMIN, PASSWORD, Place, Server, text};
use model::role::{BuiltInRole, Permission};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A rule that nobody minds losing.
pub(crate) async fn rule(server: &Server) -> String {
    let about = json!({ "scope": { "type": "user_path", "value": "/rule" }, "denied_models": ["none"] });
    let made = server.post("/admin/api/v1/access-rules").master().json(&about).ask().await;
    assert_eq!(made.status, 201, "{}", made.text);
    text(&made.json()["id"])
}

/// A SCIM client that nobody minds losing.
pub(crate) async fn scim_client(server: &Server) -> String {
    text(&server.make("/scim-clients", json!({ "name": "target" })).await["id"])
}

/// A management key that nobody minds losing.
pub(crate) async fn management_key(server: &Server) -> String {
    let new = json!({ "name": "target", "permissions": ["usage:read"] });
    text(&server.make("/management-keys", new).await["id"])
}

pub(crate) fn call(server: &Server, endpoint: &str, arguments: &Arguments) -> reqwest::RequestBuilder {
    match arguments {
        Json(value) => server.post(&format!("/api/{endpoint}")).json(value),
        Form(fields) => {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(*fields).finish();
            let request = server.post(&format!("/api/{endpoint}")).body(body);
            request.header("content-type", "application/x-www-form-urlencoded")
        }
    }
}

fn in_sources() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src/server_fns");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let attributes = source.matches("#[server(prefix").count();
        let endpoints: Vec<_> = source
            .split("endpoint = \"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        assert_eq!(attributes, endpoints.len(), "every server function names its endpoint");
        found.extend(endpoints);
    }
    found
}

#[test]
fn the_inventory_is_complete() {
    let listed: BTreeSet<_> =
        inventory("", "", "", "", "").into_iter().map(|(endpoint, ..)| endpoint.to_owned()).collect();
    assert_eq!(in_sources(), listed, "say who may call the new server function");
}

#[tokio::test]
async fn strangers_and_other_sites_get_nothing() {
    let place = Place::new();
    let server = place.serve().await;
    let user = place.user("dev@example.com", "user");
    let (key, secret) = server.plain_key("target").await;
    let rule = rule(&server).await;
    let management = management_key(&server).await;
    let scim = scim_client(&server).await;
    let admin = server.sign_in(ADMIN).await;
    let before = place.counts().await;
    for (endpoint, access, arguments) in inventory(&key, &user, &rule, &management, &scim) {
        // Other sites: with a session, with a wrong origin, with none.
        for origin in ["https://evil.example", "null", "http://localhost"] {
            let request =
                call(&server, endpoint, &arguments).header("cookie", &admin).header("origin", origin);
            let reply = request.ask().await;
            reply.problem(403, "cross_origin");
            assert!(reply.set_cookie().is_none(), "{endpoint}");
        }
        let bare = call(&server, endpoint, &arguments).header("cookie", &admin);
        bare.ask().await.problem(403, "cross_origin");
        assert_eq!(place.counts().await, before, "{endpoint}");
        // Reading by GET isn't offered: a link can't do anything.
        let got = server.get(&format!("/api/{endpoint}")).header("cookie", &admin).ask().await;
        assert!(matches!(got.status, 404 | 405), "{endpoint}: {}", got.status);

        if access == Public {
            continue;
        }
        let bearers = [None, Some(crate::support::MASTER), Some(secret.as_str())];
        for bearer in bearers {
            let mut request = call(&server, endpoint, &arguments).header("origin", &server.origin);
            if let Some(bearer) = bearer {
                request = request.bearer_auth(bearer);
            }
            let reply = request.ask().await;
            assert_eq!(reply.status, 401, "{endpoint}: {}", reply.text);
            assert_eq!(reply.json()["code"], "unauthenticated", "{endpoint}: {}", reply.text);
        }
        assert_eq!(place.counts().await, before, "{endpoint}");
    }
}

#[tokio::test]
async fn public_functions_tell_a_stranger_nothing() {
    let place = Place::new();
    let server = place.serve().await;
    for (endpoint, answer) in [("session/viewer", "null"), ("session/setup-link", "false")] {
        let reply = server.call(endpoint, &json!({ "token": "none" })).ask().await;
        assert_eq!((reply.status, reply.text.as_str()), (200, answer));
    }
    let fields = [("token", "none"), ("name", "Eve"), ("email", ADMIN), ("password", PASSWORD)];
    let reply = server.form("session/set-up", &fields).ask().await;
    assert_eq!(reply.answered_problem()["code"], "link_invalid", "{}", reply.text);
    assert!(reply.set_cookie().is_none());
    let reply = server.form("session/sign-out", &[]).ask().await;
    assert_eq!(reply.json(), json!({ "Ok": "/login" }));
}

#[tokio::test]
async fn every_role_may_call_what_the_table_says_and_nothing_else() {
    let place = Place::new();
    let target = place.user("target@example.com", "user");
    for role in BuiltInRole::ALL {
        place.user(&format!("{}@example.com", role.as_str()), role.as_str());
    }
    let server = place.serve().await;
    for role in BuiltInRole::ALL {
        let session = server.sign_in(&format!("{}@example.com", role.as_str())).await;
        let (key, _) = server.plain_key("target").await;
        let rule = rule(&server).await;
        let provider = crate::routes::identity_provider("inventory");
        server.post("/admin/api/v1/identity-providers").master().json(&provider).ask().await;
        let management = management_key(&server).await;
        let scim = scim_client(&server).await;
        for (endpoint, access, arguments) in inventory(&key, &target, &rule, &management, &scim) {
            if access == Public {
                continue;
            }
            let reply = call(&server, endpoint, &arguments).session(&server, &session).ask().await;
            let expected = match access {
                Needs(permission) if !role.allows(permission) => 403,
                OwnOr(permission) if !role.allows(permission) => {
                    if role.allows(READ_KEYS) {
                        403
                    } else {
                        404
                    }
                }
                // Nobody has an identity to lose.
                _ if endpoint == "sso/unlink" => 404,
                _ => 200,
            };
            assert_eq!(reply.status, expected, "{} {endpoint}: {}", role.as_str(), reply.text);
        }
    }
}

#[tokio::test]
async fn ones_own_key_cannot_be_more_than_one_s_own() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let tenant = json!({ "id": "team-alpha", "name": "Team Alpha" });
    assert_eq!(server.post("/admin/api/v1/tenants").master().json(&tenant).ask().await.status, 201);
    let session = server.sign_in("dev@example.com").await;
    let before = place.counts().await;
    for (field, value) in [
        ("owner", json!(ADMIN)),
        ("owner", json!(dev)),
        ("tenant_id", json!("team-alpha")),
        ("tenant_id", json!("nobody")),
        ("kind", json!("standard")),
        ("user_path", json!("/team/alpha")),
        ("tags", json!({ "team": "alpha" })),
        ("allowed_providers", json!(["nobody"])),
        ("expires_at", json!("2020-01-01T00:00:00Z")),
    ] {
        let arguments = json!({ "new": { "name": "x", field: value }, "expires_in_days": null });
        let reply = server.call("keys/create-own", &arguments).session(&server, &session).ask().await;
        let problem = reply.answered_problem();
        let named = text(&problem["errors"][0]["field"]);
        assert_eq!(named.split('.').next(), Some(field), "{}", reply.text);
    }
    for field in ["created_by", "id", "secret", "owner_id", "status"] {
        let arguments = json!({ "new": { "name": "x", field: "x" }, "expires_in_days": null });
        let reply = server.call("keys/create-own", &arguments).session(&server, &session).ask().await;
        assert_eq!(reply.status, 422, "{field}: {}", reply.text);
    }
    assert_eq!(place.counts().await, before);
    let arguments = json!({ "new": { "name": "mine" }, "expires_in_days": 30 });
    let reply = server.call("keys/create-own", &arguments).session(&server, &session).ask().await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let made = reply.json()["Ok"].clone();
    assert_eq!((&made["owner_id"], &made["created_by"]), (&json!(dev), &json!("dev@example.com")));
    assert!(made["expires_at"].is_string() && made["secret"].is_string(), "{made}");
}

/// The permission that each server function needs, if it needs one.
pub(crate) fn permissions() -> BTreeMap<&'static str, Permission> {
    let all = inventory("", "", "", "", "").into_iter();
    let guarded = all.filter_map(|(endpoint, access, _)| match access {
        Needs(permission) | OwnOr(permission) => Some((endpoint, permission)),
        Public | SignedIn => None,
    });
    guarded.collect()
}
