//! Two tenants, and all routes with an id: an object of the other tenant is answered like one that isn't there.

use crate::client::{Ask, Reply};
use crate::routes::{ROUTES, Route};
use crate::support::{Place, Server, text};
use serde_json::json;

/// Ids that nothing has.
const NO_KEY: &str = "AAAAAAAAAAAA";
const NO_USER: &str = "usr_AAAAAAAAAAAAAAAA";
const NO_RULE: &str = "rule_AAAAAAAAAAAAAAAA";
const NO_MANAGEMENT_KEY: &str = "mk_AAAAAAAAAAAA";
const NO_SCIM_CLIENT: &str = "scim_AAAAAAAAAAAA";
const NO_TENANT: &str = "nowhere";
const NO_ROW: &str = "999999999";

/// What a tenant has.
struct Objects {
    tenant: &'static str,
    key: String,
    user: String,
    rule: String,
    /// A row of the audit log.
    row: String,
}

impl Objects {
    async fn of(place: &Place, server: &Server, tenant: &'static str) -> Self {
        server.make("/tenants", json!({ "id": tenant, "name": tenant })).await;
        let user = only_in(place, server, &format!("dev@{tenant}.example"), tenant, "billing_admin").await;
        let mut objects = Self { tenant, key: String::new(), user, rule: String::new(), row: String::new() };
        objects.renew(server).await;
        objects
    }

    async fn renew(&mut self, server: &Server) {
        let tenant = self.tenant;
        self.key = text(&server.key(json!({ "name": "key", "tenant_id": tenant })).await["id"]);
        let scope = json!({ "type": "tenant", "value": tenant });
        let rule = server.make("/access-rules", json!({ "scope": scope, "denied_models": ["x"] })).await;
        self.rule = text(&rule["id"]);
        let path = format!("/admin/api/v1/audit?target_id={}", self.key);
        let rows = server.get(&path).master().ask().await.json();
        self.row = rows["items"][0]["seq"].to_string();
    }

    fn none() -> Self {
        let [key, user, rule, row] = [NO_KEY, NO_USER, NO_RULE, NO_ROW].map(ToOwned::to_owned);
        Self { tenant: NO_TENANT, key, user, rule, row }
    }

    fn id(&self, path: &str) -> &str {
        match path.split('/').nth(1).unwrap() {
            "tenants" => self.tenant,
            "access-rules" => &self.rule,
            "users" | "memberships" => &self.user,
            "auth-keys" => &self.key,
            "audit" => &self.row,
            other => panic!("{other} belongs to no tenant: name it in `is_the_installations`"),
        }
    }
}

/// A rule that was made by who leads the tenant: what was set from above, they can't change.
async fn own_rule(server: &Server, session: &str, tenant: &str) -> String {
    let scope = json!({ "type": "tenant", "value": tenant });
    let rule = json!({ "scope": scope, "denied_models": ["x"] });
    let reply = server.post("/admin/api/v1/access-rules").session(server, session).json(&rule).ask().await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    text(&reply.json()["id"])
}

/// An account that is a member of one tenant only, with a role there.
async fn only_in(place: &Place, server: &Server, email: &str, tenant: &str, role: &str) -> String {
    let user = place.user(email, "user");
    server.make("/memberships", json!({ "user_id": user, "tenant_id": tenant })).await;
    server.make(&format!("/users/{user}/assignments"), json!({ "tenant_id": tenant, "role": role })).await;
    let path = format!("/admin/api/v1/memberships/{user}/default");
    assert_eq!(server.delete(&path).master().ask().await.status, 200);
    user
}

/// What every tenant shares is closed to who leads one, whatever the name.
fn is_the_installations(route: &Route) -> bool {
    ["/providers", "/models", "/roles", "/management-keys", "/identity-providers", "/scim-clients"]
        .iter()
        .any(|start| route.path.starts_with(start))
        || route.path == "/users/{id}/role"
}

async fn call(server: &Server, session: &str, route: &Route, of: &Objects, tenant: &str) -> Reply {
    let request = route.request_in(server, of.id(route.path), tenant).session(server, session);
    let body = match route.path {
        "/users/{id}/assignments" => Some(json!({ "tenant_id": tenant, "role": "billing_admin" })),
        _ => route.body("lead", &of.user),
    };
    match body {
        Some(body) => request.json(&body).ask().await,
        None => request.ask().await,
    }
}

#[tokio::test]
async fn an_object_of_another_tenant_is_like_one_that_is_not_there() {
    let place = Place::new();
    let server = place.serve().await;
    let mut alpha = Objects::of(&place, &server, "alpha").await;
    let beta = Objects::of(&place, &server, "beta").await;
    let none = Objects::none();
    only_in(&place, &server, "lead@alpha.example", "alpha", "super_admin").await;
    let session = server.sign_in("lead@alpha.example").await;
    let with_id = ROUTES.iter().filter(|route| route.path.contains('{'));
    let mut seen = 0;
    for route in with_id {
        let case = format!("{} {}", route.method, route.path);
        if is_the_installations(route) {
            for name in ["echo", "user", "nothing"] {
                let name = match route.path.split('/').nth(1) {
                    Some("management-keys") => NO_MANAGEMENT_KEY,
                    Some("scim-clients") => NO_SCIM_CLIENT,
                    _ => name,
                };
                let request = route.request(&server, name).session(&server, &session);
                let body = route.body("lead", "");
                let reply = body.map_or(request.try_clone().unwrap(), |body| request.json(&body)).ask().await;
                // An account's own id is no name.
                let (status, code) =
                    if route.path.starts_with("/users") { (404, "not_found") } else { (403, "forbidden") };
                assert_eq!(reply.status, status, "{case} {name}: {}", reply.text);
                reply.problem(status, code);
            }
            continue;
        }
        seen += 1;
        let before = place.counts().await;
        let mut answers = Vec::new();
        for (of, tenant) in [(&beta, "beta"), (&none, NO_TENANT), (&beta, "alpha"), (&none, "alpha")] {
            let reply = call(&server, &session, route, of, tenant).await;
            assert_eq!(reply.status, 404, "{case} {tenant}: {}", reply.text);
            let mut body = reply.problem(404, "not_found");
            body.as_object_mut().unwrap().remove("correlation_id");
            answers.push(body);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{case}: {answers:?}");
        let after = place.counts().await;
        assert_eq!((&after[..3], &after[4..]), (&before[..3], &before[4..]), "{case}");

        alpha.renew(&server).await;
        alpha.rule = own_rule(&server, &session, "alpha").await;
        let reply = call(&server, &session, route, &alpha, "alpha").await;
        let fine = matches!(reply.status, 200 | 201 | 204);
        // An earlier route has taken it.
        let gone = reply.status == 404
            && ["{role}", "{session_id}", "{identity_id}"].iter().any(|part| route.path.contains(part));
        // It has a password, and may be Inactive by now.
        let no_link = reply.status == 409 && route.path.ends_with("/invite");
        assert!(fine || gone || no_link, "{case}: {} {}", reply.status, reply.text);
    }
    assert!(seen >= 16, "{seen} routes");
}

#[tokio::test]
async fn lists_of_who_leads_a_tenant_hold_that_tenant_only() {
    let place = Place::new();
    let server = place.serve().await;
    Objects::of(&place, &server, "alpha").await;
    Objects::of(&place, &server, "beta").await;
    only_in(&place, &server, "lead@alpha.example", "alpha", "super_admin").await;
    let session = server.sign_in("lead@alpha.example").await;
    for path in ["tenants", "auth-keys?include_revoked=true", "access-rules", "memberships", "audit"] {
        let reply = server.get(&format!("/admin/api/v1/{path}")).session(&server, &session).ask().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        let items = reply.json()["items"].as_array().unwrap().len();
        assert!(items >= 1, "{path}: {}", reply.text);
        assert!(!reply.text.contains("beta"), "{path}: {}", reply.text);
    }
    for (endpoint, fields) in [("users/list", "name"), ("keys/list", "name")] {
        let sort = json!({ "field": fields, "direction": "ascending" });
        let arguments = json!({ "filter": {}, "sort": sort, "page": { "cursor": null, "limit": 10 } });
        let reply = server.call(endpoint, &arguments).session(&server, &session).ask().await;
        assert_eq!(reply.status, 200, "{endpoint}: {}", reply.text);
        assert!(reply.text.contains("alpha") && !reply.text.contains("beta"), "{endpoint}: {}", reply.text);
    }
}

#[tokio::test]
async fn what_the_filters_of_a_page_hide_is_counted_within_that_tenant() {
    let place = Place::new();
    let server = place.serve().await;
    Objects::of(&place, &server, "alpha").await;
    Objects::of(&place, &server, "beta").await;
    only_in(&place, &server, "lead@alpha.example", "alpha", "super_admin").await;
    let session = server.sign_in("lead@alpha.example").await;
    let page = json!({ "cursor": null, "limit": 10 });
    let sort = json!({ "field": "name", "direction": "ascending" });
    for (endpoint, filter, arguments) in [
        ("users/list", json!({ "q": "nobody" }), json!({ "sort": sort, "page": page })),
        ("tenants/list", json!({ "q": "nothing" }), json!({ "page": page })),
        ("access-rules/list", json!({ "q": "nothing" }), json!({ "page": page })),
        ("audit/list", json!({ "action": "nothing" }), json!({ "order": "descending", "page": page })),
    ] {
        let mut arguments = arguments;
        let mut ask = async |filter: serde_json::Value| {
            arguments["filter"] = filter;
            let reply = server.call(endpoint, &arguments).session(&server, &session).ask().await;
            assert_eq!(reply.status, 200, "{endpoint}: {}", reply.text);
            reply.json()["data"].clone()
        };
        let (all, none) = (ask(json!({})).await, ask(filter).await);
        assert_eq!(all["hidden"], json!({ "count": 0, "capped": false }), "{endpoint}");
        assert_eq!(none["total"], json!({ "count": 0, "capped": false }), "{endpoint}");
        assert_eq!(none["hidden"], all["total"], "{endpoint}");
        assert!(none["hidden"]["count"].as_u64().unwrap() >= 1, "{endpoint}: {all}");
    }
}
