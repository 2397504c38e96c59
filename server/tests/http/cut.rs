//! Taking a key back is true at once: for the next request, and for those that are running.

use crate::client::{Ask, Reply, Stream, assert_cut};
use crate::support::{Place, Server, eventually, text};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A server whose echo takes a tenth of a second for each word.
fn slow() -> Place {
    Place::new().with("GATEHOUSE__ECHO__OPTIONS__CHUNK_DELAY_MS", "100")
}

/// More words than anybody waits for.
fn endless() -> String {
    "word ".repeat(3_000)
}

/// A streamed answer whose first event has come.
async fn running(server: &Server, secret: &str) -> Stream {
    let mut stream = Stream::open(server.chat(secret, &endless(), true)).await;
    assert!(stream.more().await);
    stream
}

#[tokio::test]
async fn a_revoked_key_is_refused_from_the_next_request_on() {
    let place = Place::new();
    let server = place.serve().await;
    let (id, secret) = server.plain_key("doomed").await;
    for _ in 0..20 {
        assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
    }
    assert_eq!(server.revoke(&id, "test").await.status, 200);
    let message = server.chat(&secret, "x", false).ask().await.refusal(401, "key_revoked");
    assert!(message.contains("revoked"), "{message}");
    server.get("/v1/models").bearer_auth(&secret).ask().await.refusal(401, "key_revoked");
    // Only who holds the whole secret learns that the key was revoked.
    let last = if secret.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{last}", &secret[..57]);
    server.chat(&forged, "x", false).ask().await.refusal(401, "invalid_api_key");
}

#[tokio::test]
async fn running_requests_are_cut_and_counted_on_the_receipt() {
    let place = slow();
    let server = place.serve().await;
    let (id, secret) = server.plain_key("doomed").await;
    let (_, other) = server.plain_key("kept").await;
    let stream = running(&server, &secret).await;
    let mut kept = running(&server, &other).await;

    let begin = Instant::now();
    let receipt = server.revoke(&id, "test").await.json()["receipt"].clone();
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!(receipt["requests_cut"], 1, "{receipt}");
    assert_eq!((&receipt["nodes"], &receipt["nodes_acknowledged"]), (&json!(1), &json!(1)));
    assert_cut(&stream.rest().await, "key_revoked");
    assert!(kept.more().await && !kept.text.contains("error"), "another key's stream goes on");

    let row = eventually("the cut request is in the ledger", async || {
        let rows: Vec<String> = place
            .column("SELECT outcome || ' ' || token_source || ' ' || (output_tokens > 0) FROM usage_ledger WHERE outcome = 'cut'")
            .await;
        rows.into_iter().next()
    })
    .await;
    assert_eq!(row, "cut estimated 1", "what was streamed is billed");
}

#[tokio::test]
async fn requests_without_an_answer_yet_get_the_cause() {
    let place = Place::new().with("GATEHOUSE__ECHO__OPTIONS__FIRST_CHUNK_DELAY_MS", "60000");
    let server = place.serve().await;
    let (id, secret) = server.plain_key("doomed").await;
    let mut waiting = JoinSet::new();
    for _ in 0..10 {
        let request: RequestBuilder = server.chat(&secret, "x", false);
        waiting.spawn(request.send());
    }
    let session = server.sign_in(crate::support::ADMIN).await;
    eventually("all of them run", async || {
        let call = server.call("usage/dashboard", &json!({ "tenant": null })).header("cookie", &session);
        (call.ask().await.json()["data"]["live_requests"] == 10).then_some(())
    })
    .await;
    assert_eq!(server.revoke(&id, "test").await.json()["receipt"]["requests_cut"], 10);
    while let Some(response) = waiting.join_next().await {
        Reply::read(response.unwrap().unwrap()).await.refusal(401, "key_revoked");
    }
}

#[tokio::test]
async fn the_command_line_beside_the_server_cuts_too() {
    let place = slow();
    let server = place.serve().await;
    let secret = place.run_well(&["key", "create", "--name", "from the shell"], "");
    let stream = running(&server, &secret).await;
    let said = place.run_well(&["key", "revoke", &secret[8..20], "--reason", "test"], "");
    assert!(said.contains("1 of 1 nodes confirmed"), "{said}");
    server.get("/v1/models").bearer_auth(&secret).ask().await.refusal(401, "key_revoked");
    assert_cut(&stream.rest().await, "key_revoked");
    let record =
        server.get(&format!("/admin/api/v1/auth-keys/{}", &secret[8..20])).master().ask().await.json();
    assert_eq!((&record["revoked_by"], &record["revoke_reason"]), (&json!("command line"), &json!("test")));
}

#[tokio::test]
async fn a_key_that_expires_ends_what_runs_with_it() {
    let place = slow();
    let server = place.serve().await;
    // The server's own clock, from its answer's creation time: tests have none.
    let made = server.key(json!({ "name": "clock" })).await;
    let now = model::Timestamp::parse_rfc3339(made["created_at"].as_str().unwrap()).unwrap();
    let end = now.after(Duration::from_secs(4)).to_string();
    let key: Value = server.key(json!({ "name": "short-lived", "expires_at": end })).await;
    let secret = text(&key["secret"]);
    let stream = running(&server, &secret).await;
    assert_cut(&stream.rest().await, "key_expired");
    server.get("/v1/models").bearer_auth(&secret).ask().await.refusal(401, "key_expired");
    let path = format!("/admin/api/v1/auth-keys/{}", text(&key["id"]));
    assert_eq!(server.get(&path).master().ask().await.json()["status"], "expired");
}
