//! The kill switch at size: hundreds of streams of one key, and a revocation.
//!
//! `GATEHOUSE_PROVE=1` runs it with 500 streams and holds the time to its bound.

use crate::support::{Place, eventually, proving};
use crate::upstream::Upstream;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// What a client saw.
struct Watched {
    text: String,
    /// When its last byte came.
    ended: Instant,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_call_returns_every_stream_has_ended() {
    let streams = if proving() { 500 } else { 120 };
    let upstream = Upstream::start().await;
    let place = Place::new().with("GATEHOUSE__LOG__LEVEL", "error").configured(&upstream.configuration());
    let server = place.serve().await;
    let (id, secret) = server.plain_key("doomed").await;
    let body = json!({
        "model": "m", "stream": true, "messages": [{ "role": "user", "content": "endlessly" }],
    });
    let streaming = Arc::<AtomicUsize>::default();
    let mut clients = JoinSet::new();
    for _ in 0..streams {
        let request = server.post("/v1/chat/completions").bearer_auth(&secret).json(&body);
        let streaming = Arc::clone(&streaming);
        clients.spawn(async move {
            let mut response = request.send().await.unwrap();
            assert_eq!(response.status(), 200);
            let (mut text, mut ended) = (String::new(), Instant::now());
            while let Ok(Some(bytes)) = response.chunk().await {
                if text.is_empty() {
                    streaming.fetch_add(1, Ordering::SeqCst);
                }
                ended = Instant::now();
                text.push_str(&String::from_utf8_lossy(&bytes));
            }
            Watched { text, ended }
        });
    }
    eventually("all streams run", async || (streaming.load(Ordering::SeqCst) == streams).then_some(())).await;
    assert_eq!(upstream.open.load(Ordering::SeqCst), streams);

    let called = Instant::now();
    let reply = server.revoke(&id, "proof").await;
    let returned = called.elapsed();
    let receipt = reply.json()["receipt"].clone();
    assert_eq!(receipt["requests_cut"], streams, "{receipt}");
    eventually("upstream connections are closed", async || {
        (upstream.open.load(Ordering::SeqCst) == 0).then_some(())
    })
    .await;

    let mut times = Vec::new();
    while let Some(watched) = clients.join_next().await {
        let Watched { text, ended } = watched.unwrap();
        let (_, last) = text.trim_end().rsplit_once("\n\n").unwrap();
        assert!(last.starts_with("data: {\"error\":") && last.contains("\"key_revoked\""), "{last}");
        assert!(!text.contains("[DONE]"));
        times.push(ended.saturating_duration_since(called));
    }
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    println!(
        "PROOF kill switch: {streams} streams ended, p50 {:?}, p99 {p99:?} from the call to the terminal event at the \
         client, the call returned after {returned:?}, receipt {receipt}",
        times[times.len() / 2]
    );
    if proving() {
        assert!(p99 < Duration::from_millis(50), "{p99:?}");
    }
    let rows = eventually("all rows are in the ledger", async || {
        let rows: Vec<String> = place
            .column(
                "SELECT token_source || ' ' || (output_tokens > 0) FROM usage_ledger WHERE outcome = 'cut'",
            )
            .await;
        (rows.len() == streams).then_some(rows)
    })
    .await;
    assert!(
        rows.iter().all(|row| row == "estimated 1" || row == "reported 1"),
        "what was streamed is billed"
    );
}
