//! Every route of the Admin API, with what it needs: nothing is open that isn't meant to be.

mod table;

use table::READ_KEYS;
pub(crate) use table::{ROUTES, Route};

use crate::client::Ask;
use crate::support::{Place, Server, text};
use model::role::BuiltInRole;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A session that nobody has.
const NO_SESSION: &str = "ses_00000000000000000000000000000000";

/// An identity that nobody has.
const NO_IDENTITY: &str = "idn_0000000000000000";

/// An object of each kind, for the routes that are about one.
pub(crate) struct Targets {
    key: String,
    pub(crate) user: String,
    rule: String,
    management_key: String,
    scim_client: String,
    /// A tenant.
    doomed: String,
    round: u32,
}

impl Targets {
    pub(crate) fn of(&self, route: &Route) -> &str {
        match route.path.split('/').nth(1).unwrap() {
            "tenants" if route.method == Method::DELETE => &self.doomed,
            "tenants" | "providers" | "models" | "roles" | "identity-providers" => "target",
            "access-rules" => &self.rule,
            "audit" => "1",
            "management-keys" => &self.management_key,
            "scim-clients" => &self.scim_client,
            "users" | "memberships" => &self.user,
            _ => &self.key,
        }
    }
}

/// Objects that nobody minds losing.
pub(crate) async fn targets(place: &Place, server: &Server) -> Targets {
    let tenant = json!({ "id": "target", "name": "Target" });
    assert_eq!(server.post("/admin/api/v1/tenants").master().json(&tenant).ask().await.status, 201);
    let user = place.user("target@example.com", "user");
    let new = json!({ "name": "target", "permissions": ["usage:read"] });
    let management_key = text(&server.make("/management-keys", new).await["id"]);
    let scim_client = text(&server.make("/scim-clients", json!({ "name": "target" })).await["id"]);
    let mut targets = Targets {
        key: String::new(),
        user,
        rule: String::new(),
        management_key,
        scim_client,
        doomed: String::new(),
        round: 0,
    };
    targets.renew(server).await;
    targets
}

impl Targets {
    /// A new key, a new rule and a new tenant to be deleted; a provider and a model `target`, unless they are there.
    pub(crate) async fn renew(&mut self, server: &Server) {
        self.key = server.plain_key("target").await.0;
        let make = async |path: &str, body: Value| {
            let reply = server.post(&format!("/admin/api/v1{path}")).master().json(&body).ask().await;
            assert!(matches!(reply.status, 201 | 409), "{}", reply.text);
            reply
        };
        self.round += 1;
        self.doomed = format!("doomed-{}", self.round);
        make("/tenants", json!({ "id": self.doomed, "name": "Doomed" })).await;
        // The account is Active, in the tenant and has a role there.
        let path = format!("/admin/api/v1/users/{}", self.user);
        let active = server.patch(&path).master().json(&json!({ "status": "active" })).ask().await;
        assert_eq!(active.status, 200, "{}", active.text);
        make("/memberships", json!({ "user_id": self.user, "tenant_id": "target" })).await;
        let given = json!({ "tenant_id": "target", "role": "billing_admin" });
        make(&format!("/users/{}/assignments", self.user), given).await;
        make("/roles", json!({ "name": "target", "title": "Target", "permissions": ["keys:read"] })).await;
        make("/providers", json!({ "name": "target", "kind": "echo" })).await;
        make("/identity-providers", identity_provider("target")).await;
        let to = json!({ "provider": "echo", "upstream_model": "echo" });
        make("/models", json!({ "name": "target", "targets": [to] })).await;
        let about = json!({ "type": "user_path", "value": "/target" });
        let rule = make("/access-rules", json!({ "scope": about, "allowed_models": [] })).await;
        self.rule = text(&rule.json()["id"]);
    }
}

/// A provider at which nobody answers.
pub(crate) fn identity_provider(name: &str) -> Value {
    json!({
        "name": name, "title": "Made", "issuer": "http://127.0.0.1:9", "client_id": "gatehouse",
        "allow_private_addresses": true,
    })
}

impl Route {
    pub(crate) fn request(&self, server: &Server, id: &str) -> reqwest::RequestBuilder {
        self.request_in(server, id, "target")
    }

    /// The same with the tenant that stands in the path beside the id.
    pub(crate) fn request_in(&self, server: &Server, id: &str, tenant: &str) -> reqwest::RequestBuilder {
        let mut path = self.path.replace("{tenant_id}", tenant).replace("{role}", "billing_admin");
        path = path.replace("{session_id}", NO_SESSION).replace("{identity_id}", NO_IDENTITY);
        for name in ["{id}", "{name}", "{user_id}", "{seq}"] {
            path = path.replace(name, id);
        }
        server.request(self.method.clone(), &format!("/admin/api/v1{path}"))
    }

    /// A body that would be taken; `user` is an account that is there.
    pub(crate) fn body(&self, who: &str, user: &str) -> Option<Value> {
        let slug = who.replace('_', "-");
        match (self.method.as_str(), self.path) {
            ("POST", "/tenants") => Some(json!({ "id": format!("made-by-{slug}"), "name": "Made" })),
            ("POST", "/auth-keys") => Some(json!({ "name": format!("made by {who}") })),
            ("POST", "/users") => {
                Some(json!({ "name": "Made", "email": format!("made-by-{slug}@example.com") }))
            }
            ("POST", "/users/bulk/status") => Some(json!({ "ids": [user], "status": "inactive" })),
            ("POST", "/users/bulk/offboard") => Some(json!({ "ids": [user] })),
            ("POST", "/management-keys") => Some(json!({ "name": who, "permissions": ["usage:read"] })),
            ("POST", "/scim-clients") => Some(json!({ "name": who })),
            ("PATCH", "/users/{id}") => Some(json!({ "status": "inactive" })),
            ("PUT", "/users/{id}/role") => Some(json!({ "role": "user" })),
            ("POST", "/users/{id}/assignments") => {
                Some(json!({ "tenant_id": "target", "role": "billing_admin" }))
            }
            ("POST", "/memberships") => Some(json!({ "user_id": user, "tenant_id": "target" })),
            ("PUT", "/role-mappings") => Some(json!({ "rules": [], "otherwise": { "type": "deny" } })),
            ("POST", "/role-mappings/simulate") => Some(json!({ "claims": "{}" })),
            ("POST", "/roles") => {
                Some(json!({ "name": format!("by-{slug}"), "title": "Made", "permissions": ["keys:read"] }))
            }
            ("PATCH", "/roles/{name}" | "/identity-providers/{name}") => {
                Some(json!({ "title": format!("changed by {who}") }))
            }
            ("POST", "/providers") => Some(json!({ "name": format!("by-{who}"), "kind": "echo" })),
            ("PATCH", "/providers/{name}") => Some(json!({ "sandbox": true })),
            ("POST", "/models") => {
                let target = json!({ "provider": "echo", "upstream_model": "echo" });
                Some(json!({ "name": format!("by-{who}"), "targets": [target] }))
            }
            ("PATCH", "/models/{name}") => Some(json!({ "labels": [who] })),
            ("POST", "/access-rules") => {
                Some(json!({ "scope": { "type": "user_path", "value": "/x" }, "denied_models": ["*"] }))
            }
            ("PATCH", "/access-rules/{id}") => Some(json!({ "denied_models": [who] })),
            ("POST", "/identity-providers") => Some(identity_provider(&format!("by-{slug}"))),
            ("PATCH", _) => Some(json!({ "name": format!("changed by {who}") })),
            _ => None,
        }
    }

    pub(crate) fn with_body(
        &self,
        server: &Server,
        targets: &Targets,
        id: &str,
        who: &str,
    ) -> reqwest::RequestBuilder {
        let request = self.request(server, id);
        match self.body(who, &targets.user) {
            Some(body) => request.json(&body),
            None => request,
        }
    }
}

/// The routes in a router's source: `.route("/path", get(…).post(…))`.
pub(crate) fn in_source(source: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        // To the next call of the router, however the formatter breaks the lines.
        let route = route.split("\n        .").next().unwrap();
        let route = route.split_whitespace().collect::<Vec<_>>().join(" ").replace(") .", ").");
        let mut parts = route.splitn(3, '"').skip(1);
        let (path, handlers) = (parts.next().unwrap(), parts.next().unwrap());
        for method in ["get", "post", "put", "patch", "delete", "any"] {
            let names = [format!(" {method}("), format!(").{method}(")];
            if names.iter().any(|name| handlers.contains(name)) {
                found.insert((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_inventory_is_complete() {
    let listed: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    let source = include_str!("../../src/admin_api/mod.rs");
    assert_eq!(in_source(source), listed, "name the new route's permission in ROUTES");
}

#[tokio::test]
async fn every_route_is_closed_to_strangers_and_to_api_keys() {
    let place = Place::new();
    let server = place.serve().await;
    let targets = targets(&place, &server).await;
    let (_, secret) = server.plain_key("api key").await;
    let before = place.counts().await;
    for route in &ROUTES {
        let id = targets.of(route);
        let own_page = |request: reqwest::RequestBuilder| request.header("origin", &server.origin);
        own_page(route.with_body(&server, &targets, id, "nobody"))
            .ask()
            .await
            .problem(401, "unauthenticated");
        own_page(route.with_body(&server, &targets, "not-an-id", "nobody"))
            .ask()
            .await
            .problem(401, "unauthenticated");
        let bearer = route.with_body(&server, &targets, id, "nobody").bearer_auth(&secret);
        bearer.ask().await.problem(401, "unauthenticated");
        // Who isn't let in learns nothing about their body or parameters.
        let nonsense = own_page(route.request(&server, id)).query(&[("nonsense", "1")]);
        let nonsense = nonsense.header("content-type", "application/json").body("{");
        nonsense.ask().await.problem(401, "unauthenticated");
        if route.method != Method::GET {
            route.with_body(&server, &targets, id, "nobody").ask().await.problem(403, "cross_origin");
        }
    }
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let place = Place::new();
    for role in BuiltInRole::ALL {
        place.user(&format!("{}@example.com", role.as_str()), role.as_str());
    }
    let server = place.serve().await;
    let mut targets = targets(&place, &server).await;
    for role in BuiltInRole::ALL {
        let session = server.sign_in(&format!("{}@example.com", role.as_str())).await;
        for route in &ROUTES {
            targets.renew(&server).await;
            let before = place.counts().await;
            let id = targets.of(route);
            let request = route.with_body(&server, &targets, id, role.as_str()).session(&server, &session);
            let reply = request.ask().await;
            let case = format!("{} {} {}: {}", role.as_str(), route.method, route.path, reply.text);
            if role.allows(route.needs) {
                // The account has a password, so there is nothing to invite it to, and nobody has that session.
                let nothing_to_do = (route.path.ends_with("/invite") && reply.status == 409)
                    || (["{session_id}", "{identity_id}"].iter().any(|part| route.path.contains(part))
                        && reply.status == 404);
                assert!(matches!(reply.status, 200 | 201 | 204) || nothing_to_do, "{case}");
                continue;
            }
            // Who can't see an object gets what they would get for one that isn't there.
            let hidden = route.path.starts_with("/auth-keys/{id}") && !role.allows(READ_KEYS);
            let (status, code) = if hidden { (404, "not_found") } else { (403, "forbidden") };
            assert_eq!(reply.status, status, "{case}");
            reply.problem(status, code);
            let after = place.counts().await;
            assert_eq!(after[..3], before[..3], "{case}");
            if hidden {
                let mut body = reply.json();
                let unknown = route
                    .with_body(&server, &targets, "AAAAAAAAAAAA", role.as_str())
                    .session(&server, &session)
                    .ask()
                    .await;
                body["correlation_id"] = unknown.json()["correlation_id"].clone();
                assert_eq!(body, unknown.json(), "{case}");
            }
        }
        let (id, _) = server.plain_key("alive").await;
        let read = server.get(&format!("/admin/api/v1/auth-keys/{id}")).master().ask().await;
        assert_eq!(text(&read.json()["status"]), "active");
    }
}

#[tokio::test]
async fn a_developer_reads_and_revokes_their_own_key_and_no_other() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    place.user("other@example.com", "user");
    let own = text(&server.key(json!({ "name": "own", "owner": dev })).await["id"]);
    let path = format!("/admin/api/v1/auth-keys/{own}");
    let stranger = server.sign_in("other@example.com").await;
    server.get(&path).session(&server, &stranger).ask().await.problem(404, "not_found");
    server.delete(&path).session(&server, &stranger).ask().await.problem(404, "not_found");
    let denied: Vec<String> =
        place.column("SELECT action FROM audit_log WHERE result = 'denied' ORDER BY seq").await;
    assert_eq!(denied, ["key.revoke"], "the attempt is written down");

    let session = server.sign_in("dev@example.com").await;
    assert_eq!(server.get(&path).session(&server, &session).ask().await.status, 200);
    let revoked = server.delete(&path).session(&server, &session).ask().await;
    assert_eq!(revoked.json()["key"]["revoked_by"], "dev@example.com");
}
