//! What happens once, however often it is asked for: `Idempotency-Key`, and the one active standard key.

use crate::client::{Ask, Reply};
use crate::routes::{ROUTES, targets};
use crate::support::{ADMIN, Place, Server, text};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

const KEYS: &str = "/admin/api/v1/auth-keys";

#[tokio::test]
async fn a_replayed_request_makes_nothing_and_shows_no_secret() {
    let place = Place::new();
    let server = place.serve().await;
    let create = |key: &str, name: &str| {
        server.post(KEYS).master().header("idempotency-key", key).json(&json!({ "name": name }))
    };
    let before = place.counts().await;
    let long = "x".repeat(256);
    for bad in [&b""[..], b"a b", b"\xff", long.as_bytes()] {
        let request = server.post(KEYS).master().header("idempotency-key", bad).json(&json!({ "name": "k" }));
        assert_eq!(request.ask().await.wrong_fields(), ["Idempotency-Key"], "{bad:?}");
    }
    let twice = create("a", "k").header("idempotency-key", "b").ask().await;
    assert_eq!(twice.wrong_fields(), ["Idempotency-Key"]);
    assert_eq!(place.counts().await, before);

    let made = create("order-1", "k").ask().await;
    assert_eq!(made.status, 201);
    let mut made = made.json();
    let secret = text(&made.as_object_mut().unwrap().remove("secret").unwrap());
    let before = place.counts().await;
    let replayed = create("order-1", "k").ask().await;
    assert_eq!(replayed.problem(409, "already_created")["key"], made);
    assert!(!replayed.text.contains(&secret[20..]));
    create("order-1", "another").ask().await.problem(409, "idempotency_key_reused");
    assert_eq!(place.counts().await, before);

    let id = text(&made["id"]);
    let rotate = |grace: &str| {
        let request =
            server.post(&format!("{KEYS}/{id}/rotate")).master().header("idempotency-key", "rotate-1");
        request.json(&json!({ "grace": grace }))
    };
    assert_eq!(rotate("1h").ask().await.status, 200);
    assert_eq!(rotate("1h").ask().await.problem(409, "already_created")["key"]["id"], json!(id));
    rotate("0").ask().await.problem(409, "idempotency_key_reused");
    assert_eq!(place.counts().await[4], before[4] + 1);
}

/// An account that was never invited, so that it can be.
async fn newcomer(server: &Server) -> String {
    let new = json!({ "name": "New", "email": "newcomer@example.com" });
    text(&server.make("/users", new).await["id"])
}

#[tokio::test]
async fn every_post_is_done_once() {
    let place = Place::new();
    let server = place.serve().await;
    let mut targets = targets(&place, &server).await;
    let newcomer = newcomer(&server).await;
    let (mut replayed, mut secrets) = (0, vec!["\"secret\"".to_owned(), "token=".to_owned()]);
    for (n, route) in ROUTES.iter().filter(|route| route.method == Method::POST).enumerate() {
        targets.renew(&server).await;
        let case = route.path;
        let id = if case.ends_with("/invite") { &newcomer } else { targets.of(route) }.to_owned();
        let ask = |who: &str| {
            let request = route.with_body(&server, &targets, &id, who).master();
            request.header("idempotency-key", format!("post-{n}"))
        };
        let first = ask("once").ask().await;
        assert!(matches!(first.status, 200 | 201), "{case}: {}", first.text);
        assert_eq!(first.header("idempotent-replayed"), "", "{case}");
        let before = place.counts().await;
        let again = ask("once").ask().await;
        let secret = ["secret", "url"].iter().find_map(|name| first.json()[name].as_str().map(str::to_owned));
        if let Some(secret) = secret {
            again.problem(409, "already_created");
            let end = secret[secret.len() - 20..].to_owned();
            assert!(!again.text.contains(&end), "{case}");
            secrets.push(end);
        } else {
            replayed += 1;
            assert_eq!((again.status, &again.text), (first.status, &first.text), "{case}");
            assert_eq!(again.header("idempotent-replayed"), "true", "{case}");
            assert_eq!(again.header("content-type"), "application/json", "{case}");
        }
        assert_eq!(place.counts().await, before, "{case}: nothing is done, nor written down");
        // The same key for something else, and for somebody else.
        let other = ask("once").query(&[("x", "1")]).ask().await;
        other.problem(409, "idempotency_key_reused");
        let stranger =
            route.with_body(&server, &targets, &id, "once").header("idempotency-key", format!("post-{n}"));
        stranger.header("origin", &server.origin).ask().await.problem(401, "unauthenticated");
    }
    assert!(replayed >= 15, "{replayed}");
    let kept: Vec<String> = place
        .column("SELECT action || ' ' || object_id FROM idempotency_keys ORDER BY idempotency_key")
        .await;
    assert_eq!(kept.len(), ROUTES.iter().filter(|route| route.method == Method::POST).count());
    for row in kept {
        assert!(!secrets.iter().any(|secret| row.contains(secret)), "{row}");
    }
}

#[tokio::test]
async fn what_was_undone_stays_undone() {
    let place = Place::new();
    let server = place.serve().await;
    server.make("/tenants", json!({ "id": "alpha", "name": "Alpha" })).await;
    let suspend = || {
        let request = server.post("/admin/api/v1/tenants/alpha/suspend").master();
        request.header("idempotency-key", "unpaid").json(&json!({ "reason": "unpaid" }))
    };
    assert_eq!(suspend().ask().await.json()["tenant"]["status"], "suspended");
    let on = server.post("/admin/api/v1/tenants/alpha/activate").master().ask().await;
    assert_eq!(on.status, 200);
    assert_eq!(suspend().ask().await.json()["tenant"]["status"], "suspended", "as it was answered");
    let read = server.get("/admin/api/v1/tenants/alpha").master().ask().await;
    assert_eq!(read.json()["status"], "active", "as it is");

    // What was refused is tried again.
    let create = || {
        let request = server.post("/admin/api/v1/access-rules").master().header("idempotency-key", "rule");
        request.json(&json!({ "scope": { "type": "tenant", "value": "beta" }, "denied_models": ["x"] }))
    };
    assert_eq!(create().ask().await.status, 422);
    server.make("/tenants", json!({ "id": "beta", "name": "Beta" })).await;
    assert_eq!(create().ask().await.status, 201);
    assert_eq!(create().ask().await.header("idempotent-replayed"), "true");

    // Anybody's key is theirs.
    let session = server.sign_in(ADMIN).await;
    let request = server.post("/admin/api/v1/tenants/alpha/suspend").session(&server, &session);
    let own = request.header("idempotency-key", "unpaid").json(&json!({ "reason": "unpaid" })).ask().await;
    assert_eq!((own.status, own.header("idempotent-replayed")), (200, ""));
    let read = server.get("/admin/api/v1/tenants/alpha").master().ask().await;
    assert_eq!(read.json()["status"], "suspended");
}

#[tokio::test]
async fn ten_times_the_same_request_at_once_makes_one_key() {
    let place = Place::new();
    let server = place.serve().await;
    let mut waiting = JoinSet::new();
    for _ in 0..10 {
        let request = server.post(KEYS).master().header("idempotency-key", "once");
        waiting.spawn(request.json(&json!({ "name": "k" })).send());
    }
    let mut ids = Vec::new();
    let mut made = 0;
    while let Some(response) = waiting.join_next().await {
        let reply = Reply::read(response.unwrap().unwrap()).await;
        if reply.status == 201 {
            made += 1;
            ids.push(text(&reply.json()["id"]));
        } else {
            ids.push(text(&reply.problem(409, "already_created")["key"]["id"]));
        }
    }
    ids.dedup();
    assert_eq!((made, ids.len()), (1, 1));
}

#[tokio::test]
async fn of_twenty_standard_keys_at_once_one_is_made() {
    let place = Place::new();
    let server = place.serve().await;
    let mut waiting = JoinSet::new();
    for _ in 0..20 {
        let body = json!({ "name": "all", "kind": "standard" });
        waiting.spawn(server.post(KEYS).master().json(&body).send());
    }
    let mut made = 0;
    while let Some(response) = waiting.join_next().await {
        let reply = Reply::read(response.unwrap().unwrap()).await;
        if reply.status == 201 {
            made += 1;
        } else {
            reply.problem(409, "standard_key_exists");
        }
    }
    assert_eq!(made, 1);
    assert_eq!(place.counts().await[0], 1);
}
