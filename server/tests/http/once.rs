//! What happens once, however often it is asked for: `Idempotency-Key`, and the one active standard key.

use crate::client::{Ask, Reply};
use crate::support::{Place, text};
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
