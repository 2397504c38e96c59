//! Every route of the Admin API, with what it needs: nothing is open that isn't meant to be.

use crate::client::Ask;
use crate::support::{Place, Server, text};
use model::role::{Action, BuiltInRole, Permission, Resource};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

struct Route {
    method: Method,
    path: &'static str,
    needs: Permission,
}

const fn needs(resource: Resource, action: Action) -> Permission {
    Permission::new(resource, action)
}

const ROUTES: [Route; 23] = [
    Route { method: Method::GET, path: "/tenants", needs: needs(Resource::Tenants, Action::Read) },
    Route { method: Method::POST, path: "/tenants", needs: needs(Resource::Tenants, Action::Write) },
    Route { method: Method::GET, path: "/auth-keys", needs: needs(Resource::Keys, Action::Read) },
    Route { method: Method::POST, path: "/auth-keys", needs: needs(Resource::Keys, Action::Write) },
    Route { method: Method::GET, path: "/auth-keys/{id}", needs: needs(Resource::Keys, Action::Read) },
    Route { method: Method::DELETE, path: "/auth-keys/{id}", needs: needs(Resource::Keys, Action::Revoke) },
    Route { method: Method::GET, path: "/providers", needs: needs(Resource::Providers, Action::Read) },
    Route { method: Method::POST, path: "/providers", needs: needs(Resource::Providers, Action::Write) },
    Route { method: Method::GET, path: "/providers/{name}", needs: needs(Resource::Providers, Action::Read) },
    Route {
        method: Method::PATCH,
        path: "/providers/{name}",
        needs: needs(Resource::Providers, Action::Write),
    },
    Route {
        method: Method::DELETE,
        path: "/providers/{name}",
        needs: needs(Resource::Providers, Action::Write),
    },
    Route {
        method: Method::POST,
        path: "/providers/{name}/test",
        needs: needs(Resource::Providers, Action::Write),
    },
    Route { method: Method::GET, path: "/models", needs: needs(Resource::Models, Action::Read) },
    Route { method: Method::POST, path: "/models", needs: needs(Resource::Models, Action::Write) },
    Route { method: Method::GET, path: "/models/{name}", needs: needs(Resource::Models, Action::Read) },
    Route { method: Method::PATCH, path: "/models/{name}", needs: needs(Resource::Models, Action::Write) },
    Route { method: Method::DELETE, path: "/models/{name}", needs: needs(Resource::Models, Action::Write) },
    Route {
        method: Method::GET,
        path: "/models/{name}/callers",
        needs: needs(Resource::Models, Action::Read),
    },
    Route { method: Method::GET, path: "/access-rules", needs: needs(Resource::AccessRules, Action::Read) },
    Route { method: Method::POST, path: "/access-rules", needs: needs(Resource::AccessRules, Action::Write) },
    Route {
        method: Method::GET,
        path: "/access-rules/{id}",
        needs: needs(Resource::AccessRules, Action::Read),
    },
    Route {
        method: Method::PATCH,
        path: "/access-rules/{id}",
        needs: needs(Resource::AccessRules, Action::Write),
    },
    Route {
        method: Method::DELETE,
        path: "/access-rules/{id}",
        needs: needs(Resource::AccessRules, Action::Write),
    },
];

/// What the routes with an id in them are tried on.
struct Targets {
    key: String,
    rule: String,
}

impl Targets {
    /// A new key and a new rule; a provider and a model `target`, unless they are there.
    async fn new(server: &Server) -> Self {
        let (key, _) = server.plain_key("target").await;
        let make = async |path: &str, body: Value| {
            let reply = server.post(&format!("/admin/api/v1{path}")).master().json(&body).ask().await;
            assert!(matches!(reply.status, 201 | 409), "{}", reply.text);
        };
        make("/providers", json!({ "name": "target", "kind": "echo" })).await;
        let to = json!({ "provider": "echo", "upstream_model": "echo" });
        make("/models", json!({ "name": "target", "targets": [to] })).await;
        let about = json!({ "type": "user_path", "value": "/target" });
        let rule = server.make("/access-rules", json!({ "scope": about, "allowed_models": [] })).await;
        Self { key, rule: text(&rule["id"]) }
    }

    /// Ids that aren't there.
    fn absent() -> Self {
        Self { key: "AAAAAAAAAAAA".to_owned(), rule: "rule_AAAAAAAAAAAAAAAA".to_owned() }
    }
}

impl Route {
    fn request(&self, server: &Server, targets: &Targets) -> reqwest::RequestBuilder {
        let id = if self.path.starts_with("/access-rules") { &targets.rule } else { &targets.key };
        let path = self.path.replace("{id}", id).replace("{name}", "target");
        let path = format!("/admin/api/v1{path}");
        server.request(self.method.clone(), &path)
    }

    /// A body that would be taken.
    fn body(&self, who: &str) -> Option<Value> {
        let slug = who.replace('_', "-");
        match (self.method.as_str(), self.path) {
            ("POST", "/tenants") => Some(json!({ "id": format!("made-by-{slug}"), "name": "Made" })),
            ("POST", "/auth-keys") => Some(json!({ "name": format!("made by {who}") })),
            ("POST", "/providers") => Some(json!({ "name": format!("by-{slug}"), "kind": "echo" })),
            ("PATCH", "/providers/{name}") => Some(json!({ "sandbox": true })),
            ("POST", "/models") => {
                let target = json!({ "provider": "echo", "upstream_model": "echo" });
                Some(json!({ "name": format!("by-{slug}"), "targets": [target] }))
            }
            ("PATCH", "/models/{name}") => Some(json!({ "labels": [slug] })),
            ("POST", "/access-rules") => {
                Some(json!({ "scope": { "type": "user_path", "value": "/x" }, "denied_models": ["*"] }))
            }
            ("PATCH", "/access-rules/{id}") => Some(json!({ "denied_models": [slug] })),
            _ => None,
        }
    }

    fn with_body(&self, server: &Server, targets: &Targets, who: &str) -> reqwest::RequestBuilder {
        let request = self.request(server, targets);
        match self.body(who) {
            Some(body) => request.json(&body),
            None => request,
        }
    }
}

/// The routes in the router's source: `.route("/path", get(…).post(…))`.
fn in_source() -> BTreeSet<(String, String)> {
    let source = include_str!("../../src/admin_api/mod.rs");
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
    assert_eq!(in_source(), listed, "name the new route's permission in ROUTES");
}

#[tokio::test]
async fn every_route_is_closed_to_strangers_and_to_api_keys() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, secret) = server.plain_key("caller").await;
    let id = Targets::new(&server).await;
    let malformed = Targets { key: "not-an-id".to_owned(), rule: "not-an-id".to_owned() };
    let before = place.counts().await;
    for route in &ROUTES {
        let own_page = |request: reqwest::RequestBuilder| request.header("origin", &server.origin);
        own_page(route.with_body(&server, &id, "nobody")).ask().await.problem(401, "unauthenticated");
        own_page(route.with_body(&server, &malformed, "nobody")).ask().await.problem(401, "unauthenticated");
        let bearer = route.with_body(&server, &id, "nobody").bearer_auth(&secret);
        bearer.ask().await.problem(401, "unauthenticated");
        // Who isn't let in learns nothing about their body or parameters.
        let nonsense = own_page(route.request(&server, &id)).query(&[("nonsense", "1")]);
        let nonsense = nonsense.header("content-type", "application/json").body("{");
        nonsense.ask().await.problem(401, "unauthenticated");
        if route.method != Method::GET {
            route.with_body(&server, &id, "nobody").ask().await.problem(403, "cross_origin");
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
    for role in BuiltInRole::ALL {
        let session = server.sign_in(&format!("{}@example.com", role.as_str())).await;
        for route in &ROUTES {
            let id = Targets::new(&server).await;
            let before = place.counts().await;
            let request = route.with_body(&server, &id, role.as_str()).session(&server, &session);
            let reply = request.ask().await;
            let case = format!("{} {} {}: {}", role.as_str(), route.method, route.path, reply.text);
            if role.allows(route.needs) {
                assert!(matches!(reply.status, 200 | 201 | 204), "{case}");
                continue;
            }
            // Who can't see an object gets what they would get for one that isn't there.
            let hidden = route.path.starts_with("/auth-keys/{id}")
                && !role.allows(needs(Resource::Keys, Action::Read));
            let (status, code) = if hidden { (404, "not_found") } else { (403, "forbidden") };
            assert_eq!(reply.status, status, "{case}");
            reply.problem(status, code);
            let after = place.counts().await;
            assert_eq!((&after[..3], &after[5..]), (&before[..3], &before[5..]), "{case}");
            if hidden {
                let mut body = reply.json();
                let unknown =
                    route.request(&server, &Targets::absent()).session(&server, &session).ask().await;
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
