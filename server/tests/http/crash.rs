//! The process is killed while two hundred clients call: whoever got a whole answer is in the ledger, once.

use crate::client::Ask;
use crate::support::{Place, eventually, text};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

const CLIENTS: usize = 200;

/// Two models: one answers at once, one takes its time.
const SLOW: &str = "\
providers:
  - {name: slow, kind: echo, options: {chunk_delay_ms: 40, first_chunk_delay_ms: 60}}
models:
  - {name: slow, targets: [{provider: slow, upstream_model: slow}]}
";

/// The id of the request, if its answer came whole.
async fn whole(request: RequestBuilder, streamed: bool) -> Option<String> {
    let response: Response = request.send().await.ok()?;
    assert_eq!(response.status(), 200);
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let text = response.text().await.ok()?;
    let complete = if streamed {
        text.ends_with("data: [DONE]\n\n")
    } else {
        serde_json::from_str::<Value>(&text).is_ok()
    };
    complete.then_some(id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_every_answered_request_is_in_the_ledger_once() {
    let place = Place::new().with("GATEHOUSE__LOG__LEVEL", "info").configured(SLOW);
    let server = place.serve().await;
    let mut keys = Vec::new();
    for number in 0..8 {
        keys.push(server.plain_key(&format!("client {number}")).await.1);
    }
    let answered: Arc<Mutex<Vec<String>>> = Arc::default();
    let begun = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let streamed = client % 2 == 0;
        let model = if client % 4 < 2 { "echo" } else { "slow" };
        let body = json!({
            "model": model, "stream": streamed, "messages": [{ "role": "user", "content": "one two three four" }],
        });
        let request = server.post("/v1/chat/completions").bearer_auth(&keys[client % keys.len()]).json(&body);
        let (answered, begun) = (Arc::clone(&answered), Arc::clone(&begun));
        clients.spawn(async move {
            loop {
                begun.fetch_add(1, Ordering::SeqCst);
                // The first broken answer means that the server is gone.
                let Some(id) = whole(request.try_clone().unwrap(), streamed).await else { return };
                answered.lock().unwrap().push(id);
            }
        });
    }
    eventually("all clients are busy", async || {
        let enough = begun.load(Ordering::SeqCst) >= CLIENTS && answered.lock().unwrap().len() >= 1_000;
        enough.then_some(())
    })
    .await;
    server.kill();
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let answered: BTreeSet<String> = std::mem::take(&mut *answered.lock().unwrap()).into_iter().collect();

    let server = place.serve().await;
    let ledger = async || {
        let rows: Vec<String> =
            place.column("SELECT request_id || ' ' || attempt || ' ' || outcome FROM usage_ledger").await;
        rows
    };
    let rows = ledger().await;
    let mut outcomes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let (id, rest) = row.split_once(' ').unwrap();
        outcomes.entry(id.to_owned()).or_default().push(rest.to_owned());
    }
    for id in &answered {
        assert_eq!(outcomes.get(id).map(Vec::as_slice), Some(&["1 completed".to_owned()][..]), "{id}");
    }
    let (mut unanswered, mut interrupted) = (0, 0);
    for (id, found) in &outcomes {
        assert_eq!(found.len(), 1, "{id}: {found:?}");
        unanswered += usize::from(!answered.contains(id));
        interrupted += usize::from(found[0].ends_with("interrupted"));
    }
    assert!(unanswered <= CLIENTS, "no more than were running: {unanswered}");
    assert!(interrupted > 0, "some were in the middle: {}", rows.len());

    // A second restart finds nothing more to do.
    server.kill();
    let server = place.serve().await;
    assert_eq!(ledger().await.len(), rows.len());
    let used: Vec<String> = place.column("SELECT DISTINCT key_id FROM usage_ledger ORDER BY key_id").await;
    let page = server.get("/admin/api/v1/auth-keys?sort=last_used_at").master().ask().await.json();
    let keys = page["items"].as_array().unwrap();
    let mut noted: Vec<_> =
        keys.iter().filter(|key| key["last_used_at"].is_string()).map(|key| text(&key["id"])).collect();
    noted.sort_unstable();
    assert_eq!(noted, used, "each key that has a row was used, and no other");
}
