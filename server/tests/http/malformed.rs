//! Malformed input at every way in: refused with words, never a failure of ours, and nothing happens.

use crate::client::{Ask, Reply, raw, raw_status};
use crate::hostile::{Hostile, broken_http, credentials, form_bodies, json_bodies, wrong_fields};
use crate::support::{ADMIN, MASTER, PASSWORD, Place, Server};
use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use serde_json::json;

/// Asserts that a request was refused as the caller's mistake, in words.
#[track_caller]
fn assert_refused(name: &str, reply: &Reply) {
    let shown: String = reply.text.chars().take(300).collect();
    let body = reply.json();
    let (status, words) = match () {
        () if body["error"].is_object() => (reply.status.into(), &body["error"]),
        // A form's answer: the refusal is inside.
        () if reply.status == 200 => (body["Err"]["status"].as_u64().unwrap_or(200), &body["Err"]),
        () => (reply.status.into(), &body),
    };
    assert!((400..500).contains(&status), "{name}: {} {shown}", reply.status);
    assert!(words["code"].is_string(), "{name}: {shown}");
    assert!(words["title"].is_string() || words["message"].is_string(), "{name}: {shown}");
    for internal in ["panicked", "src/", "sqlx", "serde", "SELECT ", "RUST_BACKTRACE"] {
        assert!(!reply.text.contains(internal), "{name}: {shown}");
    }
}

/// Sends every body to `request`; each must be refused.
async fn refuse_all(request: impl Fn() -> RequestBuilder, bodies: Vec<Hostile>) {
    for hostile in bodies {
        let mut request = request();
        for (name, value) in &hostile.headers {
            request = request.header(*name, *value);
        }
        match request.body(hostile.body).send().await {
            Ok(response) => assert_refused(&hostile.name, &Reply::read(response).await),
            // The answer was there before the body was sent, and the connection closed: a client may miss it.
            Err(error) => assert!(
                hostile.name.contains("megabytes") && !error.is_connect(),
                "{}: {error}",
                hostile.name
            ),
        }
    }
}

/// Asserts that the server is well, that nothing was made, and that no secret which came near is in the log.
async fn assert_well(server: &Server, place: &Place, before: &[i64], audit: bool, secrets: &[&str]) {
    assert_eq!(server.get("/readyz").ask().await.status, 200);
    let after = place.counts().await;
    assert_eq!((&after[..3], after[4]), (&before[..3], before[4]), "keys, tenants, users, secrets");
    assert!(!audit || after[3] == before[3], "audit rows: {} and {}", before[3], after[3]);
    let log = place.log();
    for secret in [MASTER, PASSWORD].iter().chain(secrets) {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    assert!(
        !log.contains("panicked"),
        "{}",
        log.lines().find(|line| line.contains("panicked")).unwrap_or_default()
    );
}

#[tokio::test]
async fn at_the_admin_api() {
    let place = Place::new();
    let server = place.serve().await;
    let before = place.counts().await;
    for path in [
        "auth-keys",
        "tenants",
        "providers",
        "models",
        "access-rules",
        "roles",
        "memberships",
        "users",
        "management-keys",
        "scim-clients",
    ] {
        refuse_all(|| server.post(&format!("/admin/api/v1/{path}")).master(), json_bodies()).await;
    }
    let good = json!({
        "name": "x", "description": "x", "kind": "restricted", "environment": "sandbox", "tenant_id": "nobody",
        "owner": "dev@example.com", "user_path": "/a", "tags": {}, "allowed_providers": [], "rate_limits": {},
        "expires_at": "2099-01-01T00:00:00Z",
    });
    refuse_all(|| server.post("/admin/api/v1/auth-keys").master(), wrong_fields(&good)).await;
    let good = json!({ "name": "role-x", "title": "x", "description": "x", "permissions": ["keys:read"] });
    refuse_all(|| server.post("/admin/api/v1/roles").master(), wrong_fields(&good)).await;
    let good = json!({ "user_id": "usr_0000000000000000", "tenant_id": "default" });
    refuse_all(|| server.post("/admin/api/v1/memberships").master(), wrong_fields(&good)).await;
    let good = json!({ "name": "x", "email": "x@example.com", "role": "user", "organization_unit": "x" });
    refuse_all(|| server.post("/admin/api/v1/users").master(), wrong_fields(&good)).await;
    let good = json!({
        "name": "x", "permissions": ["keys:read"], "tenant_id": "default", "expires_at": "2099-01-01T00:00:00Z",
    });
    refuse_all(|| server.post("/admin/api/v1/management-keys").master(), wrong_fields(&good)).await;
    let good = json!({ "name": "x", "adopt_existing": false });
    refuse_all(|| server.post("/admin/api/v1/scim-clients").master(), wrong_fields(&good)).await;
    let good = json!({ "id": "team-x", "name": "x" });
    refuse_all(|| server.post("/admin/api/v1/tenants").master(), wrong_fields(&good)).await;
    let good = json!({
        "name": "p", "kind": "openai", "base_url": "", "api_key": "x", "sandbox": false,
        "allow_private_addresses": false, "options": {},
    });
    refuse_all(|| server.post("/admin/api/v1/providers").master(), wrong_fields(&good)).await;
    let good = json!({
        "name": "m", "targets": [{ "provider": "echo", "upstream_model": "echo" }], "labels": [], "prices": {},
        "max_output_tokens": 1, "context_length": 1,
    });
    refuse_all(|| server.post("/admin/api/v1/models").master(), wrong_fields(&good)).await;
    let good = json!({
        "scope": { "type": "tenant", "value": "default" }, "allowed_models": [], "denied_models": [],
        "allowed_providers": [], "rate_limits": {},
    });
    refuse_all(|| server.post("/admin/api/v1/access-rules").master(), wrong_fields(&good)).await;
    assert_eq!(place.counts().await[5..], before[5..], "providers, models, access rules");
    assert_well(&server, &place, &before, true, &[]).await;
}

#[tokio::test]
async fn at_the_data_path() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, secret) = server.plain_key("target").await;
    let before = place.counts().await;
    // The data path takes JSON whatever it is called, as OpenAI does; what is wrong is the content.
    let chat = || server.post("/v1/chat/completions").bearer_auth(&secret);
    refuse_all(chat, json_bodies()).await;
    let good = json!({ "model": "echo", "messages": [], "stream": false });
    for (field, wrong) in [
        ("model", json!(7)),
        ("model", json!(null)),
        ("model", json!([])),
        ("model", json!("")),
        ("model", json!("nobody")),
        ("model", json!("x".repeat(100_000))),
        ("model", json!("a\u{0}b")),
        ("messages", json!({})),
        ("messages", json!("hello")),
        ("messages", json!(null)),
        ("stream", json!("yes")),
        ("stream", json!(1)),
    ] {
        let mut body = good.clone();
        body[field] = wrong;
        assert_refused(field, &chat().json(&body).ask().await);
    }
    for twice in [
        "\"model\":\"echo\"",
        "\"stream\":true",
        "\"Model\":\"echo\"",
        "\"MESSAGES\":[]",
        "\"\\u006dodel\":\"echo\"",
    ] {
        let body = format!("{{{twice},{}", &good.to_string()[1..]);
        assert_refused(twice, &chat().body(body).ask().await);
    }
    assert_well(&server, &place, &before, true, &[&secret[20..]]).await;
    let rows: Vec<i64> = place.column("SELECT COUNT(*) FROM usage_ledger").await;
    assert_eq!(rows, [0], "what never went to a provider isn't usage");
}

#[tokio::test]
async fn at_the_forms() {
    let place = Place::first_run();
    let server = place.serve().await;
    let before = place.counts().await;
    for endpoint in ["session/sign-in", "session/set-up"] {
        let path = format!("/api/{endpoint}");
        refuse_all(|| server.post(&path).header("origin", &server.origin), form_bodies()).await;
    }
    let token = server.setup_token.as_deref().unwrap();
    for (field, value) in [
        ("name", ""),
        ("name", "a\u{0}b"),
        ("email", "x"),
        ("email", "a\u{0}@b"),
        ("password", "\u{0}"),
        ("password", "short"),
        ("token", "\u{0}"),
        ("name", "\u{202e}\u{0}"),
    ] {
        let mut fields =
            vec![("token", token), ("name", "A"), ("email", ADMIN), ("password", "long enough for this")];
        fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value;
        assert_refused(field, &server.form("session/set-up", &fields).ask().await);
    }
    let long = "x".repeat(500_000);
    for field in ["name", "email", "password", "token"] {
        let mut fields =
            vec![("token", token), ("name", "A"), ("email", ADMIN), ("password", "long enough for this")];
        fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = &long;
        assert_refused(field, &server.form("session/set-up", &fields).ask().await);
    }
    // Attempts at signing in are written down; nothing else is.
    assert_well(&server, &place, &before, false, &[token]).await;
}

#[tokio::test]
async fn at_the_server_functions() {
    let place = Place::new();
    let server = place.serve().await;
    place.user("dev@example.com", "super_admin");
    let session = server.sign_in("dev@example.com").await;
    let (key, _) = server.plain_key("target").await;
    let before = place.counts().await;
    for endpoint in ["keys/create-own", "keys/list", "keys/revoke", "users/list", "users/read"] {
        let path = format!("/api/{endpoint}");
        refuse_all(|| server.post(&path).session(&server, &session), json_bodies()).await;
    }
    let list = json!({
        "filter": {}, "sort": { "field": "name", "direction": "ascending" }, "page": { "cursor": null, "limit": 10 },
    });
    for (pointer, wrong) in [
        ("/filter", json!({ "q": 7 })),
        ("/filter", json!({ "role": "ROOT" })),
        ("/filter", json!({ "unknown": 1 })),
        ("/sort/field", json!("password_hash")),
        ("/sort/field", json!("name; DROP TABLE users")),
        ("/sort/direction", json!("sideways")),
        ("/page/cursor", json!("nonsense")),
        ("/page/cursor", json!(7)),
        ("/page/limit", json!(-1)),
        ("/page/limit", json!(70_000)),
    ] {
        let mut arguments = list.clone();
        *arguments.pointer_mut(pointer).unwrap() = wrong;
        let call = server.call("users/list", &arguments).header("cookie", &session);
        assert_refused(pointer, &call.ask().await);
    }
    for arguments in [
        json!({ "new": { "name": "" }, "expires_in_days": null }),
        json!({ "new": { "name": "x" }, "expires_in_days": -1 }),
        json!({ "new": { "name": "x" }, "expires_in_days": 70_000 }),
        json!({ "new": { "name": "x", "created_by": "me" }, "expires_in_days": null }),
        json!({ "new": { "name": "x", "rate_limits": { "tokens_per_day": 0 } }, "expires_in_days": null }),
        json!({ "new": [], "expires_in_days": null }),
    ] {
        let call = server.call("keys/create-own", &arguments).header("cookie", &session);
        assert_refused(&arguments.to_string(), &call.ask().await);
    }
    let arguments = json!({ "id": key, "reason": "" });
    assert_refused("reason", &server.call("keys/revoke", &arguments).header("cookie", &session).ask().await);
    assert_well(&server, &place, &before, true, &[session.split_once('=').unwrap().1]).await;
}

#[tokio::test]
async fn as_a_credential() {
    let place = Place::new();
    let server = place.serve().await;
    let before = place.counts().await;
    for bytes in credentials() {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let plain = HeaderValue::from_bytes(&bytes).unwrap();
        let bearer = HeaderValue::from_bytes(&[b"Bearer ".to_vec(), bytes].concat()).unwrap();
        for (name, value) in [
            ("authorization", &bearer),
            ("authorization", &plain),
            ("x-api-key", &plain),
            ("api-key", &plain),
        ] {
            let reply = server.get("/v1/models").header(name, value.clone()).ask().await;
            assert_eq!(reply.status, 401, "{name} {shown}: {}", reply.text);
            assert_eq!(reply.json()["error"]["code"], "invalid_api_key", "{name} {shown}");
        }
        for value in [bearer, plain.clone()] {
            let reply = server.get("/admin/api/v1/tenants").header("authorization", value).ask().await;
            // Many wrong ones in a row lock the network out.
            match reply.status {
                429 => reply.problem(429, "locked_out"),
                _ => reply.problem(401, "unauthenticated"),
            };
        }
        let cookie =
            HeaderValue::from_bytes(&[b"__Host-gatehouse=".to_vec(), plain.as_bytes().to_vec()].concat())
                .unwrap();
        let reply = server.get("/admin/api/v1/tenants").header("cookie", cookie).ask().await;
        reply.problem(401, "unauthenticated");
    }
    assert_well(&server, &place, &before, false, &[]).await;
}

#[tokio::test]
async fn as_http() {
    let place = Place::new();
    let server = place.serve().await;
    let before = place.counts().await;
    for path in ["/v1/chat/completions", "/admin/api/v1/auth-keys", "/api/session/sign-in", "/login"] {
        for (name, bytes) in broken_http(path) {
            let answer = raw(&server, &bytes);
            let status = raw_status(&answer);
            let refused = (400..500).contains(&status) || answer.is_empty() || !answer.starts_with("HTTP/1");
            assert!(refused, "{name} at {path}: {}", answer.chars().take(300).collect::<String>());
        }
    }
    // Tricks with the path never reach a route that its plain spelling doesn't.
    for path in [
        "/v1/%2e%2e/admin/api/v1/tenants",
        "//admin/api/v1/tenants",
        "/admin//api/v1/tenants",
        "/admin/api/v1/tenants;x",
        "/%61dmin/api/v1/tenants",
        "/admin/api/v1/../v1/tenants",
        "/ADMIN/API/V1/TENANTS",
        "/admin/api/v1/tenants%00",
        "/v1/../v1/models",
        "/v1;/models",
        "/v1//models",
        "/V1/models",
        "/%76%31/models",
        "http://x/admin/api/v1/tenants",
        "/admin/api/v1/tenants#x",
        "/./admin/api/v1/tenants",
        "/healthz/../admin/api/v1/tenants",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let status = raw_status(&raw(&server, request.as_bytes()));
        assert!((300..500).contains(&status), "{path}: {status}");
    }
    assert_well(&server, &place, &before, true, &[]).await;
}
