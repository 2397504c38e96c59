//! Metering under a storm: clients that leave, a provider that fails in every way, retries, and a kill in the middle.
//! Afterwards the ledger must be what the provider saw, attempt by attempt, and the limits what the ledger says.
//!
//! `GATEHOUSE_PROVE=1` runs it at full size.

use crate::client::Ask;
use crate::support::{Place, Server, eventually, proving};
use crate::upstream::{Attempts, PROMPT, Plan, TOKENS, Upstream};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

const CLIENTS: usize = 60;
/// Most output that each request names: what a row has that was open when the gateway was killed.
const MOST: i64 = 50;
const LIMIT: u64 = 1_000_000_000;

/// What a client got: words of the model by request id.
type Got = Arc<Mutex<HashMap<String, usize>>>;

/// Requests of a storm: each its own number, from which everything else of it follows.
async fn storm(server: &Server, key: &str, from: usize, count: usize, got: &Got, done: &Arc<AtomicUsize>) {
    let next = Arc::new(AtomicUsize::new(from));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let request = server.post("/v1/chat/completions").bearer_auth(key);
        let (next, got, done) = (Arc::clone(&next), Arc::clone(got), Arc::clone(done));
        clients.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= from + count {
                    return;
                }
                one(request.try_clone().unwrap(), number, &got).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
}

async fn one(request: reqwest::RequestBuilder, number: usize, got: &Got) {
    // Small primes apart, so that every combination comes about.
    let (first, second) = (Plan::word(number), Plan::word(number / 7));
    let streamed = number.is_multiple_of(2);
    let body = json!({
        "model": "m", "stream": streamed, "max_tokens": MOST,
        "messages": [{ "role": "user", "content": format!("{first} {second} answer") }],
    });
    let patience = Duration::from_millis(if number.is_multiple_of(11) { 4 } else { 20_000 });
    let sent = tokio::time::timeout(patience, request.json(&body).send());
    let Ok(Ok(mut response)) = sent.await else { return };
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let leaves_after = if number.is_multiple_of(5) { 2 } else { usize::MAX };
    let (mut chunks, mut text) = (0, String::new());
    while let Ok(Some(bytes)) = response.chunk().await {
        text.push_str(&String::from_utf8_lossy(&bytes));
        chunks += 1;
        if chunks == leaves_after {
            break;
        }
    }
    got.lock().unwrap().insert(id, text.matches("w ").count());
}

struct Row {
    attempt: usize,
    outcome: String,
    source: String,
    input: i64,
    output: i64,
}

async fn ledger(place: &Place) -> HashMap<String, Vec<Row>> {
    let rows: Vec<String> = place
        .column(
            "SELECT request_id || ' ' || attempt || ' ' || outcome || ' ' || token_source || ' ' || input_tokens \
             || ' ' || output_tokens FROM usage_ledger ORDER BY request_id, attempt",
        )
        .await;
    let mut by_request: HashMap<String, Vec<Row>> = HashMap::new();
    for row in rows {
        let parts: Vec<&str> = row.split(' ').collect();
        let [id, attempt, outcome, source, input, output] = parts[..] else { panic!("{row}") };
        by_request.entry(id.to_owned()).or_default().push(Row {
            attempt: attempt.parse().unwrap(),
            outcome: outcome.to_owned(),
            source: source.to_owned(),
            input: input.parse().unwrap(),
            output: output.parse().unwrap(),
        });
    }
    by_request
}

fn check(rows: &HashMap<String, Vec<Row>>, attempts: &Attempts, got: &Got) -> HashMap<String, usize> {
    let (attempts, got) = (attempts.lock().unwrap(), got.lock().unwrap());
    let mut outcomes: HashMap<String, usize> = HashMap::new();
    for (id, seen) in attempts.iter() {
        let rows = rows.get(id).map(Vec::as_slice).unwrap_or_default();
        assert!(rows.len() >= seen.len(), "{id}: {} attempts, {} rows", seen.len(), rows.len());
        // One more was on its way when its client left, or when the gateway was killed.
        assert!(rows.len() <= seen.len() + 1, "{id}: {} attempts, {} rows", seen.len(), rows.len());
    }
    for (id, rows) in rows {
        let seen = attempts.get(id).map(Vec::as_slice).unwrap_or_default();
        for (nth, row) in rows.iter().enumerate() {
            assert_eq!(row.attempt, nth + 1, "{id}");
            *outcomes.entry(format!("{} {}", row.outcome, row.source)).or_default() += 1;
            if row.source == "reported" {
                let reported = seen[nth].reported.unwrap_or_else(|| panic!("{id}: nothing was reported"));
                assert_eq!((row.input, row.output), (PROMPT, reported), "{id} attempt {}", row.attempt);
            }
            if row.outcome == "interrupted" {
                assert_eq!(row.output, MOST, "{id}: open at the kill, so settled at its reservation");
            }
        }
        // Only the last attempt's words reach the client.
        let (words, last) = (got.get(id).copied().unwrap_or(0), rows.last().unwrap());
        let words = i64::try_from(words).unwrap();
        assert!(last.output >= words, "{id}: {} {} tokens, {words} words", last.outcome, last.output);
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_is_what_the_provider_saw() {
    let each = if proving() { 6_500 } else { 600 };
    let upstream = Upstream::start().await;
    let place = Place::new().with("GATEHOUSE__LOG__LEVEL", "error").configured(&upstream.configuration());
    let server = place.serve().await;
    let limits = json!({
        "tokens_per_day": LIMIT, "requests_per_day": 10_000_000, "concurrent_requests": 1_000,
    });
    let key = server.key(json!({ "name": "storm", "rate_limits": limits })).await;
    let secret = key["secret"].as_str().unwrap();
    let (got, done) = (Got::default(), Arc::new(AtomicUsize::new(0)));

    // The kill comes when most have ended, and the rest is under way.
    {
        let first = storm(&server, secret, 0, each, &got, &done);
        tokio::pin!(first);
        tokio::select! {
            () = &mut first => panic!("over before the kill"),
            () = async { eventually("most have ended", async || (done.load(Ordering::Relaxed) > each * 3 / 4).then_some(())).await } => {}
        }
        let pid = server.pid().to_string();
        assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
        first.await;
    }
    drop(server);

    let mut server = place.serve().await;
    let interrupted: Vec<i64> =
        place.column("SELECT COUNT(*) FROM usage_ledger WHERE outcome = 'interrupted'").await;
    assert!(interrupted[0] > 0, "some were open at the kill");
    storm(&server, secret, each, each, &got, &done).await;

    // Nothing runs any more, so what is left of the limit is what the ledger hasn't spent.
    eventually("all requests have ended", async || {
        let stats = server.get(&format!("/admin/api/v1/auth-keys/{}/stats", key["id"].as_str().unwrap()));
        let stats = stats.master().ask().await;
        (stats.status == 404 || stats.json()["running"] == 0).then_some(())
    })
    .await;
    let last =
        json!({ "model": "m", "max_tokens": MOST, "messages": [{ "role": "user", "content": "answer" }] });
    let last = server.post("/v1/chat/completions").bearer_auth(secret).json(&last).ask().await;
    assert_eq!(last.status, 200, "{}", last.text);
    let left: u64 = last.header("x-ratelimit-remaining-tokens").parse().unwrap();
    server.terminate();
    assert!(server.ended().await.success());

    let rows = ledger(&place).await;
    let outcomes = check(&rows, &upstream.attempts, &got);
    let (requests, seen) =
        (rows.len(), upstream.attempts.lock().unwrap().values().map(Vec::len).sum::<usize>());
    println!(
        "PROOF the ledger is what the provider saw: {requests} requests, {seen} attempts seen, {outcomes:?}"
    );
    for expected in
        ["completed reported", "completed estimated", "upstream_error estimated", "client_gone estimated"]
    {
        assert!(outcomes.contains_key(expected), "no {expected}: {outcomes:?}");
    }
    let spent: i64 = rows.values().flatten().map(|row| row.input + row.output).sum();
    // The last request's own reservation was in its header, and its real figures are in the ledger.
    let spent = u64::try_from(spent - PROMPT - TOKENS).unwrap();
    let body = last_reservation();
    assert_eq!(LIMIT - left, spent + body, "the counters equal the ledger");
}

/// What the last request had reserved while its header was written: four bytes of its body are a token.
fn last_reservation() -> u64 {
    let last =
        json!({ "model": "m", "max_tokens": MOST, "messages": [{ "role": "user", "content": "answer" }] });
    last.to_string().len().div_ceil(4) as u64 + MOST.unsigned_abs()
}
