//! Start, crash, drain: usage is neither lost nor counted twice.

use crate::script::{SSE, Step, Upstream, chunk, delta, say};
use crate::support::{ECHO, Ledger, Reply, STREAM, World, until};
use http_body_util::BodyExt;
use model::usage::Outcome;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[tokio::test]
async fn a_killed_run_is_settled_at_the_next_start() {
    let world = World::new().await;
    world.ledger.down.store(true, SeqCst);
    let (key, _) = world.plain_key();
    let settled = world.chat(&key, ECHO).await;
    assert_eq!(settled.status, 200, "the ledger being down delays nobody");
    let upstream = Upstream::start(vec![say(SSE), chunk(delta("ab").as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    let body = STREAM.replacen('{', r#"{"max_tokens":7,"#, 1);
    let mut running = world.open_chat(&key, &body).await;
    running.body_mut().frame().await.unwrap().unwrap();

    // What a kill leaves on disk at this moment, with a last line that was cut short.
    let after = tempfile::tempdir().unwrap();
    let spool = after.path().join("spool");
    copy(&world.dir.path().join("spool"), &spool);
    for entry in fs::read_dir(&spool).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"S 0123abcd {\"request_id\":\"req_");
        fs::write(path, bytes).unwrap();
    }
    let again = tempfile::tempdir().unwrap();
    copy(&spool, &again.path().join("spool"));

    let ledger = Arc::<Ledger>::default();
    let next = World::in_dir(after, ledger.clone(), |_| {}).await;
    let rows = ledger.rows.lock().unwrap().clone();
    assert_eq!(rows.len(), 2, "there before anything is served");
    let row = |outcome| rows.iter().find(|row| row.outcome == outcome).unwrap();
    assert_eq!(row(Outcome::Completed).request_id.as_str(), settled.headers["x-request-id"]);
    let open = row(Outcome::Interrupted);
    assert_eq!(open.request_id.as_str(), running.headers()["x-request-id"]);
    assert_eq!((open.output_tokens, open.input_tokens), (7, body.len().div_ceil(4) as u64));
    next.gateway.drain(Duration::from_secs(5)).await;
    drop(next);
    let last = World::in_dir(again, ledger.clone(), |_| {}).await;
    assert_eq!(ledger.rows.lock().unwrap().len(), 2, "replayed twice, counted once");
    drop(last);
}

#[tokio::test]
async fn rows_wait_for_a_ledger_that_is_down() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    world.ledger.down.store(true, SeqCst);
    for _ in 0..5 {
        assert_eq!(world.chat(&key, ECHO).await.status, 200);
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(world.gateway.metrics().spool_backlog, 5);
    world.ledger.down.store(false, SeqCst);
    assert_eq!(world.rows(5).await.len(), 5);
    until("backlog", || world.gateway.metrics().spool_backlog == 0).await;
}

#[tokio::test]
async fn drain_lets_requests_end_and_then_ends_them() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let short = Upstream::start(vec![
        say(SSE),
        chunk(delta("ab").as_bytes()),
        Step::Sleep(300),
        chunk(b"data: [DONE]\n\n"),
        say("0\r\n\r\n"),
    ])
    .await;
    world.upstream(&short);
    let ends = world.open_chat(&key, STREAM).await;
    let endless = Upstream::start(vec![say(SSE), chunk(delta("ab").as_bytes()), Step::Hang]).await;
    world.upstream(&endless);
    let cut = world.open_chat(&key, STREAM).await;

    let gateway = world.gateway.clone();
    let drained = crate::support::background(async move { gateway.drain(Duration::from_secs(1)).await });
    let (ends, cut) = tokio::join!(Reply::read(ends), Reply::read(cut));
    assert!(ends.body.ends_with("[DONE]\n\n"), "{}", ends.body);
    assert!(cut.body.contains("shutting_down") && !cut.body.contains("[DONE]"), "{}", cut.body);
    drained.await.unwrap();
    assert!(tokio::net::TcpStream::connect(world.gateway.local_addr()).await.is_err());
    let rows = world.ledger.rows.lock().unwrap().clone();
    let mut outcomes: Vec<_> = rows.iter().map(|row| row.outcome).collect();
    outcomes.sort_by_key(|outcome| outcome.as_str());
    assert_eq!(outcomes, [Outcome::Completed, Outcome::Interrupted]);
    let left: Vec<_> = fs::read_dir(world.dir.path().join("spool")).unwrap().collect();
    assert!(left.is_empty(), "the spool is empty after a clean end: {left:?}");
}
