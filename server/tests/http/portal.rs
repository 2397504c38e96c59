//! `/admin/api-keys`: a page for people, the small shape for programs.

use crate::client::{Ask, Reply, raw, raw_status};
use crate::routes::in_source;
use crate::support::{ADMIN, MASTER, Place, Server, text};
use reqwest::Method;
use serde_json::{Value, json};

const PORTAL: &str = "/admin/api-keys";

async fn create(server: &Server, body: &Value) -> Reply {
    server.post(PORTAL).master().json(body).ask().await
}

#[test]
fn the_inventory_is_complete() {
    let one = "/admin/api-keys/{id}";
    let listed = [("GET", PORTAL), ("POST", PORTAL), ("GET", one), ("PATCH", one), ("DELETE", one)];
    let listed = listed.map(|(method, path)| (method.to_owned(), path.to_owned())).into();
    assert_eq!(in_source(include_str!("../../src/admin_api/portal.rs")), listed, "test the new route below");
}

#[tokio::test]
async fn the_authorization_header_tells_programs_from_people() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, secret) = server.plain_key("target").await;
    let session = server.sign_in(ADMIN).await;
    let before = place.counts().await;
    let one = format!("{PORTAL}/{id}");
    let routes = [
        (Method::GET, PORTAL),
        (Method::POST, PORTAL),
        (Method::GET, &*one),
        (Method::PATCH, &one),
        (Method::DELETE, &one),
        (Method::PUT, PORTAL),
        (Method::OPTIONS, PORTAL),
        (Method::DELETE, "/admin/api-keys/AAAAAAAAAAAA"),
    ];
    for (method, path) in routes {
        let closed = |reply: Reply, case: &str| {
            assert_eq!(reply.status, 401, "{method} {path} {case}: {}", reply.text);
            reply.problem(401, "unauthenticated");
            assert_eq!(reply.header("vary"), "Authorization, Cookie");
            assert_eq!(reply.header("www-authenticate"), "Bearer");
        };
        let request =
            || server.request(method.clone(), path).json(&json!({ "description": "x", "reason": "x" }));
        for (case, authorization) in [
            ("api key", format!("Bearer {secret}")),
            ("wrong", "Bearer wrong".to_owned()),
            ("basic", format!("Basic {MASTER}")),
            ("bare", MASTER.to_owned()),
            ("empty", String::new()),
        ] {
            if matches!(method, Method::PUT | Method::OPTIONS) {
                continue; // Not a route: said so, whoever asks.
            }
            closed(request().header("authorization", &authorization).ask().await, case);
            // A session beside a header doesn't count.
            let both = request().header("authorization", &authorization).session(&server, &session);
            closed(both.ask().await, case);
        }
        if method == Method::GET && path == PORTAL {
            continue; // The page, below.
        }
        closed(request().ask().await, "nothing");
        closed(request().session(&server, &session).ask().await, "a session alone");
        closed(request().header("origin", "https://evil.example").ask().await, "a foreign origin");
    }
    // Wrong bearers are written down; nothing else happens.
    let after = place.counts().await;
    assert_eq!((&after[..3], &after[4..]), (&before[..3], &before[4..]));
    for (method, path) in [(Method::PUT, PORTAL), (Method::POST, &*one)] {
        server.request(method, path).master().ask().await.problem(405, "method_not_allowed");
    }
    for path in ["/admin/api-keys/", "/admin/api-keys/a/b"] {
        server.get(path).master().ask().await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn without_the_header_it_is_the_page() {
    let place = Place::new();
    let server = place.serve().await;
    let signed_out = server.get(PORTAL).ask().await;
    assert!(signed_out.header("location").starts_with("/login"), "{}", signed_out.status);
    assert_eq!(signed_out.header("vary"), "Authorization, Cookie");
    let session = server.sign_in(ADMIN).await;
    let page = server.get(PORTAL).header("cookie", &session).ask().await;
    assert_eq!((page.status, page.header("vary")), (200, "Authorization, Cookie"));
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.headers.get_all("vary").iter().any(|value| value == "Authorization, Cookie"));
    let program = server.get(PORTAL).master().ask().await;
    assert_eq!((program.status, program.header("content-type")), (200, "application/json"));
    // With the pages off the API is still there.
    let place = Place::new().with("GATEHOUSE__IDENTITY__ENABLED", "false");
    let server = place.serve().await;
    assert_eq!(server.get(PORTAL).master().ask().await.status, 200);
    server.get(PORTAL).ask().await.problem(404, "not_found");
    server.post(PORTAL).ask().await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn other_spellings_of_the_path_open_nothing() {
    let place = Place::new();
    let server = place.serve().await;
    let session = server.sign_in(ADMIN).await;
    let before = place.counts().await;
    for path in [
        "//admin/api-keys",
        "/admin//api-keys",
        "/admin/./api-keys",
        "/admin/x/../api-keys",
        "/admin/%61pi-keys",
        "/admin/api%2dkeys",
        "/admin/api-keys;x",
        "/admin/api-keys%00",
        "/ADMIN/API-KEYS",
        "/admin/api-keys/../api-keys",
    ] {
        for headers in [format!("cookie: {session}\r\n"), String::new()] {
            let body = "{\"description\":\"x\"}";
            let request = format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let status = raw_status(&raw(&server, request.as_bytes()));
            assert!((400..500).contains(&status), "{path}: {status}");
        }
    }
    assert_eq!(place.counts().await, before);
}

#[tokio::test]
async fn a_portal_issues_lists_changes_and_revokes() {
    let place = Place::new();
    let server = place.serve().await;
    let reply = create(
        &server,
        &json!({
            "description": "Acme Corp", "tags": { "customer_id": "acme-corp", "billing_tier": "premium" },
            "expiration": "2099-12-31T23:59:59Z",
        }),
    )
    .await;
    assert_eq!((reply.status, reply.header("cache-control")), (201, "no-store"), "{}", reply.text);
    let made = reply.json();
    let mut fields: Vec<_> = made.as_object().unwrap().keys().cloned().collect();
    fields.sort();
    assert_eq!(fields, ["api_key", "created_at", "expiration", "public_id", "tags"]);
    let (id, key) = (text(&made["public_id"]), text(&made["api_key"]));
    assert!(key.starts_with(&format!("rk_prod_{id}")));
    assert_eq!(made["expiration"], "2099-12-31T23:59:59Z");
    assert_eq!(server.get("/v1/models").bearer_auth(&key).ask().await.status, 200);

    let path = format!("{PORTAL}/{id}");
    let read = server.get(&path).master().ask().await.json();
    assert_eq!((&read["description"], &read["name"]), (&json!("Acme Corp"), &json!("Acme Corp")));
    assert_eq!((&read["tags"], &read["status"]), (&made["tags"], &json!("active")));
    let listed = server.get(&format!("{PORTAL}?q=acme&limit=1")).master().ask().await;
    assert_eq!(listed.json()["items"], json!([read]));
    assert!(!listed.text.contains(&key[20..]));
    let record = server.get(&format!("/admin/api/v1/auth-keys/{id}")).master().ask().await.json();
    assert_eq!(record["expires_at"], made["expiration"], "the same key");

    let change =
        json!({ "tags": { "customer_id": "acme-corp" }, "expiration": null, "allowed_models": ["echo"] });
    let changed = server.patch(&path).master().json(&change).ask().await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json()["tags"], change["tags"]);
    assert_eq!(changed.json()["expiration"], Value::Null);
    let revoked = server.delete(&path).master().json(&json!({ "reason": "left" })).ask().await.json();
    assert_eq!((&revoked["key"]["status"], &revoked["receipt"]["nodes"]), (&json!("revoked"), &json!(1)));
    server.get("/v1/models").bearer_auth(&key).ask().await.refusal(401, "key_revoked");
    server.patch(&path).master().json(&change).ask().await.problem(409, "key_revoked");
    for (method, body) in [
        (Method::GET, json!({})),
        (Method::PATCH, json!({ "name": "x" })),
        (Method::DELETE, json!({ "reason": "x" })),
    ] {
        for id in ["AAAAAAAAAAAA", "short", "%00", "%ff", "..%2f..%2fetc"] {
            let request = server.request(method.clone(), &format!("{PORTAL}/{id}")).master();
            request.json(&body).ask().await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn fields_are_named_as_the_portal_wrote_them() {
    let place = Place::new();
    let server = place.serve().await;
    let made = create(&server, &json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("{PORTAL}/{}", text(&made.json()["public_id"]));
    assert_eq!(server.get(&path).master().ask().await.json()["name"], "portal key");
    let before = place.counts().await;
    for (field, value) in [
        ("expiration", json!("2020-01-01T00:00:00Z")),
        ("expiration", json!("tomorrow")),
        ("expires_at", json!("2099-01-01T00:00:00Z")),
        ("description", json!(7)),
        ("tags", json!({ "bad name": "x" })),
        ("api_key", json!("rk_prod_x")),
        ("public_id", json!("AAAAAAAAAAAA")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("status", json!("active")),
        ("last_used_at", Value::Null),
        ("rate_limits.requests_per_minute", json!({ "requests_per_minute": 0 })),
    ] {
        let body = json!({ (field.split('.').next().unwrap()): value });
        assert_eq!(create(&server, &body).await.wrong_fields(), [field], "{body}");
        assert_eq!(server.patch(&path).master().json(&body).ask().await.wrong_fields(), [field], "{body}");
    }
    for (body, field) in [(json!([]), "body"), (json!("x"), "body")] {
        assert_eq!(create(&server, &body).await.wrong_fields(), [field]);
    }
    assert_eq!(place.counts().await, before);
    let once = || server.post(PORTAL).master().header("idempotency-key", "a").json(&json!({ "name": "x" }));
    assert_eq!(once().ask().await.status, 201);
    assert!(once().ask().await.problem(409, "already_created")["key"]["id"].is_string());
    let other = server.post(PORTAL).master().header("idempotency-key", "a").json(&json!({ "name": "y" }));
    other.ask().await.problem(409, "idempotency_key_reused");
}
