//! `/admin/api/v1/tenants`, and what holds for every route of the Admin API: who is let in, and how.

use crate::client::{Ask, Reply};
use crate::support::{ADMIN, MASTER, Place, Server};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

const TENANTS: &str = "/admin/api/v1/tenants";

async fn list(server: &Server, query: &str) -> Value {
    let reply = server.get(&format!("{TENANTS}{query}")).master().ask().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|tenant| tenant["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn only_one_bearer_that_is_the_master_key_opens_the_api() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, secret) = server.plain_key("data path only").await;
    let closed = async |request: RequestBuilder| {
        let reply = request.ask().await;
        reply.problem(401, "unauthenticated");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        assert!(!reply.text.contains(MASTER));
    };
    closed(server.get(TENANTS)).await;
    closed(server.get(TENANTS).bearer_auth(&secret)).await;
    closed(server.get(TENANTS).header("x-api-key", &secret)).await;
    closed(server.get(TENANTS).header("x-api-key", MASTER)).await;
    closed(server.get(TENANTS).master().header("authorization", format!("Bearer {secret}"))).await;
    closed(server.get(TENANTS).master().header("authorization", format!("Bearer {MASTER}"))).await;
    closed(server.get(TENANTS).header("authorization", MASTER)).await;
    closed(server.get(TENANTS).header("authorization", format!("Basic {MASTER}"))).await;
    closed(server.get(TENANTS).header("authorization", &b"Bearer \xff\xfe"[..])).await;
    closed(server.get(&format!("{TENANTS}?master_key={MASTER}"))).await;
    for wrong in [&MASTER[..MASTER.len() - 1], &format!("{MASTER}x"), &MASTER.to_uppercase(), ""] {
        closed(server.get(TENANTS).bearer_auth(wrong)).await;
    }
    // With a session beside it, a wrong bearer is still a wrong bearer.
    let session = server.sign_in(ADMIN).await;
    closed(server.get(TENANTS).session(&server, &session).bearer_auth(&secret)).await;
    assert_eq!(server.get(TENANTS).master().ask().await.status, 200);
    assert_eq!(
        server.get(TENANTS).header("authorization", format!("bearer  {MASTER} ")).ask().await.status,
        200
    );
    // And the master key opens nothing else.
    server.chat(MASTER, "hello", false).ask().await.refusal(401, "invalid_api_key");
    assert!(server.get("/admin/users").master().ask().await.header("location").starts_with("/login"));
}

#[tokio::test]
async fn without_a_master_key_no_bearer_opens_the_api() {
    let place = Place::new().with("GATEHOUSE__MASTER_KEY", "");
    assert!(!place.run(&["config", "check"], "").status.success(), "an empty master key is a mistake");
    let mut place = Place::new();
    place.without("GATEHOUSE__MASTER_KEY");
    let server = place.serve().await;
    for bearer in ["", "null", MASTER] {
        server.get(TENANTS).bearer_auth(bearer).ask().await.problem(401, "unauthenticated");
    }
    let session = server.sign_in(ADMIN).await;
    assert_eq!(server.get(TENANTS).header("cookie", &session).ask().await.status, 200);
}

#[tokio::test]
async fn a_session_opens_the_api_from_our_own_pages_only() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, _) = server.plain_key("kept").await;
    let session = server.sign_in(ADMIN).await;
    assert_eq!(server.get(TENANTS).header("cookie", &session).ask().await.status, 200);
    let new = json!({ "id": "team-page", "name": "Team Page" });
    let before = place.counts().await;
    let port = server.port;
    let strangers = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://localhost.evil.example:{port}"),
        format!("https://localhost:{port}"),
        format!("http://localhost:{}", port ^ 1),
        String::new(),
    ];
    for origin in &strangers {
        let calls = [
            server.post(TENANTS).json(&new),
            server.delete(&format!("/admin/api/v1/auth-keys/{id}")),
            server.post("/admin/api/v1/auth-keys").json(&json!({ "name": "x" })),
        ];
        for call in calls {
            let reply = call.header("cookie", &session).header("origin", origin).ask().await;
            reply.problem(403, "cross_origin");
            assert!(reply.header("access-control-allow-origin").is_empty());
        }
    }
    // No Origin at all is no proof either; Sec-Fetch-Site, which no script can set, is.
    let bare = || server.post(TENANTS).header("cookie", &session).json(&new);
    bare().ask().await.problem(403, "cross_origin");
    bare().header("sec-fetch-site", "cross-site").ask().await.problem(403, "cross_origin");
    bare().header("sec-fetch-site", "same-site").ask().await.problem(403, "cross_origin");
    assert_eq!(place.counts().await, before);
    assert_eq!(bare().header("sec-fetch-site", "same-origin").ask().await.status, 201);
    let reply =
        server.delete(&format!("/admin/api/v1/auth-keys/{id}")).session(&server, &session).ask().await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.json()["key"]["revoked_by"], ADMIN);
}

#[tokio::test]
async fn unknown_routes_and_methods_are_said_to_be_so() {
    let place = Place::new();
    let server = place.serve().await;
    for path in ["", "/", "/nothing", "/tenants/", "/tenants/default/x", "/auth-keys/a/b", "/openapi.json"] {
        let reply = server.get(&format!("/admin/api/v1{path}")).master().ask().await;
        reply.problem(404, "not_found");
    }
    for (method, path) in [
        (Method::PUT, "/tenants"),
        (Method::DELETE, "/tenants"),
        (Method::PATCH, "/auth-keys"),
        (Method::POST, "/auth-keys/7Hq2xV9mLw4T"),
        (Method::GET, "/auth-keys/7Hq2xV9mLw4T/rotate"),
    ] {
        let reply = server.request(method, &format!("/admin/api/v1{path}")).master().ask().await;
        reply.problem(405, "method_not_allowed");
        assert!(!reply.header("allow").is_empty(), "RFC 9110 §15.5.6: a 405 says which methods there are");
    }
}

#[tokio::test]
async fn tenants_are_made_once_and_listed_by_slug() {
    let place = Place::new();
    let server = place.serve().await;
    // As in docs/admin-api.md.
    let new = json!({ "id": "team-alpha", "name": "Team Alpha" });
    let create = async |body: &Value| -> Reply { server.post(TENANTS).master().json(body).ask().await };
    let made = create(&new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["id"], "team-alpha");
    assert_eq!(made.json()["status"], "active");
    create(&new).await.problem(409, "tenant_exists");

    let before = place.counts().await;
    for (body, field) in [
        (json!({ "name": "No slug" }), "id"),
        (json!({ "id": "team-beta" }), "name"),
        (json!({ "id": "Team Beta", "name": "x" }), "id"),
        (json!({ "id": "a/b", "name": "x" }), "id"),
        (json!({ "id": "team-beta", "name": "" }), "name"),
        (json!({ "id": "team-beta", "name": "a\u{0}b" }), "name"),
        (json!({ "id": "team-beta", "name": "x", "status": "suspended" }), "status"),
        (json!({ "id": "team-beta", "name": "x", "created_at": "2020-01-01T00:00:00Z" }), "created_at"),
        (json!([]), "body"),
    ] {
        assert_eq!(create(&body).await.wrong_fields(), [field], "{body}");
    }
    assert_eq!(place.counts().await, before);

    for number in 0..5 {
        assert_eq!(create(&json!({ "id": format!("t{number}"), "name": "Ärger" })).await.status, 201);
    }
    assert_eq!(ids(&list(&server, "").await), ["default", "t0", "t1", "t2", "t3", "t4", "team-alpha"]);
    assert_eq!(ids(&list(&server, "?q=%C3%A4RGER").await).len(), 5, "search folds case beyond ASCII");
    assert!(ids(&list(&server, "?q=%25").await).is_empty(), "a wildcard is a letter like any other");
    let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = list(&server, &query).await;
        assert_eq!(page["total"]["count"], 7);
        seen.extend(ids(&page).into_iter().map(ToOwned::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=3&cursor={cursor}");
    }
    assert_eq!(seen, ["default", "t0", "t1", "t2", "t3", "t4", "team-alpha"]);
    for (query, field) in [
        ("?sort=name", "sort"),
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?limit=x", "limit"),
        ("?limit=1&limit=2", "limit"),
        ("?cursor=nonsense", "cursor"),
        ("?page=2", "page"),
    ] {
        let reply = server.get(&format!("{TENANTS}{query}")).master().ask().await;
        assert_eq!(reply.wrong_fields(), [field], "{query}");
    }
}
