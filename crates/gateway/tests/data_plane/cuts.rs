//! Revocation: no new request passes, and what runs ends, whatever it is doing.

use crate::script::{SSE, Step, Upstream, chunk, delta, say};
use crate::support::{CHAT, ECHO, PLAIN, Reply, STREAM, World, owned_by, revoked, until};
use http_body_util::BodyExt;
use model::UserId;
use model::change::{Change, Epoch};
use model::time::Entropy;
use model::usage::{Outcome, TokenSource};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn endless() -> Vec<Step> {
    vec![say(SSE), chunk(delta("12345678").as_bytes()), Step::Hang]
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_streams_end_with_the_reason() {
    let world = World::new().await;
    let upstream = Upstream::start(endless()).await;
    world.upstream(&upstream);
    let (key, id) = world.plain_key();
    let (other, _) = world.plain_key();
    let mut streams = Vec::new();
    for _ in 0..500 {
        let mut response = world.open_chat(&key, STREAM).await;
        assert_eq!(response.status(), 200);
        response.body_mut().frame().await.unwrap().unwrap();
        streams.push(response);
    }
    let survivor = world.open_chat(&other, STREAM).await;
    assert_eq!(world.gateway.live_requests(), 501);

    let receipt = world.revoke(id).await;
    assert_eq!(receipt.requests_cut, 500);
    assert_eq!(world.gateway.live_requests(), 1, "all had ended when the call returned");
    println!("500 streams cut in {} ms", receipt.micros / 1_000);
    let again =
        world.gateway.apply(Epoch(world.source.epoch.load(SeqCst)), &[Change::KeyRevoked { id }]).await;
    assert_eq!(again.requests_cut, 500, "applied again: the same receipt");

    for response in streams {
        let reply = Reply::read(response).await;
        assert!(
            reply.body.starts_with("data: {\"error\":") && reply.body.ends_with("}\n\n"),
            "{}",
            reply.body
        );
        assert!(reply.body.contains("\"key_revoked\"") && !reply.body.contains("[DONE]") && reply.whole);
    }
    until("upstream connections closed", || upstream.open.load(SeqCst) == 1).await;
    assert_eq!(world.chat(&key, STREAM).await.code(), "key_revoked");
    let rows = world.rows(500).await;
    for row in &rows {
        assert_eq!((row.outcome, row.status, row.token_source), (Outcome::Cut, 200, TokenSource::Estimated));
        assert_eq!(row.output_tokens, 3, "8 bytes were streamed");
    }
    drop(survivor);
}

#[tokio::test]
async fn a_request_without_an_answer_gets_401() {
    let world = World::new().await;
    let upstream = Upstream::start(vec![Step::Hang]).await;
    world.upstream(&upstream);
    let (key, id) = world.plain_key();
    let cut = async {
        until("request", || upstream.seen() == 2).await;
        assert_eq!(world.revoke(id).await.requests_cut, 2);
        assert_eq!(world.gateway.live_requests(), 0);
    };
    let (plain, streamed, ()) = tokio::join!(world.chat(&key, PLAIN), world.chat(&key, STREAM), cut);
    for reply in [plain, streamed] {
        assert_eq!((reply.status.as_u16(), &*reply.code()), (401, "key_revoked"));
    }
    until("upstream connections closed", || upstream.open.load(SeqCst) == 0).await;
    for row in world.rows(2).await {
        assert_eq!((row.outcome, row.status, row.token_source), (Outcome::Cut, 401, TokenSource::Estimated));
        assert_eq!(row.output_tokens, if row.streamed { 0 } else { 1_024 }, "a plain answer may be charged");
    }
}

#[tokio::test]
async fn a_request_that_is_still_sending_its_body_is_cut() {
    let world = World::new().await;
    let (key, id) = world.plain_key();
    let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let head =
        format!("POST {CHAT} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ncontent-length: 1000\r\n\r\n{{");
    stream.write_all(head.as_bytes()).await.unwrap();
    until("request", || world.gateway.live_requests() == 1).await;
    assert_eq!(world.revoke(id).await.requests_cut, 1);
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_reset() {
    let world = World::new().await;
    let upstream = Upstream::start(vec![say(SSE), Step::Flood(flood_chunk())]).await;
    world.upstream(&upstream);
    let (key, id) = world.plain_key();
    let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let length = STREAM.len();
    let request = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ncontent-length: {length}\r\n\r\n{STREAM}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // Until nothing goes any more: every buffer on the way is full.
    let mut written = 0;
    while written < 100_000 || upstream.written.load(SeqCst) > written {
        written = upstream.written.load(SeqCst);
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let receipt = world.revoke(id).await;
    assert_eq!(receipt.requests_cut, 1);
    assert!(receipt.micros >= 100_000, "it had its 100 ms");
    assert_eq!(world.gateway.live_requests(), 0);
    let mut sink = Vec::new();
    let end = stream.read_to_end(&mut sink).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    until("upstream connection closed", || upstream.open.load(SeqCst) == 0).await;
}

pub(crate) fn flood_chunk() -> Vec<u8> {
    let event = delta(&"x".repeat(4_000));
    format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
}

#[tokio::test]
async fn a_load_that_began_before_the_revocation_installs_nothing() {
    let world = World::new().await;
    let (key, id) = world.plain_key();
    world.source.gated.store(true, SeqCst);
    let race = async {
        until("load", || world.source.loads.load(SeqCst) == 1).await;
        // The load has read the key as active, and is held.
        world.revoke(id).await;
        world.source.gated.store(false, SeqCst);
        world.source.gate.add_permits(1);
    };
    let (reply, ()) = tokio::join!(world.chat(&key, ECHO), race);
    assert_eq!(reply.code(), "key_revoked");
    assert_eq!(world.source.loads.load(SeqCst), 2, "it was read anew");
    assert_eq!(world.chat(&key, ECHO).await.code(), "key_revoked");
}

#[tokio::test]
async fn a_lagging_read_is_not_believed() {
    let world = World::new().await;
    let (key, id) = world.plain_key();
    let epoch = world.commit(id, |_| {});
    world.gateway.apply(epoch, &[]).await;
    world.source.epoch.store(0, SeqCst);
    let catch_up = async {
        until("load", || world.source.loads.load(SeqCst) >= 2).await;
        world.commit(id, |record| record.key.state = revoked());
        world.source.epoch.store(epoch.0 + 1, SeqCst);
    };
    let (reply, ()) = tokio::join!(world.chat(&key, ECHO), catch_up);
    assert_eq!(reply.code(), "key_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_after_a_revocation_under_load() {
    let world = std::sync::Arc::new(World::new().await);
    for _ in 0..20 {
        let (key, id) = world.plain_key();
        let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let tasks = (0..8).map(|_| {
            let (world, key, done) = (world.clone(), key.clone(), done.clone());
            crate::support::background(async move {
                loop {
                    let after = done.load(SeqCst);
                    let reply = world.chat(&key, ECHO).await;
                    assert!(!after || reply.status == 401, "a request passed after the revocation");
                    if after {
                        return;
                    }
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        tokio::time::sleep(Duration::from_millis(10)).await;
        world.revoke(id).await;
        done.store(true, SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
    }
}

#[tokio::test]
async fn owner_tenant_and_expiry_cut_too() {
    let world = World::new().await;
    let upstream = Upstream::start(endless()).await;
    world.upstream(&upstream);
    let user = UserId::generate(|bytes| world.entropy.fill(bytes));
    let (owned, owned_id) = world.key(|record| owned_by(record, &user));
    let (tenant, tenant_id) = world.key(|record| record.key.tenant_id = "team-a".parse().unwrap());
    let end = crate::support::noon().after(Duration::from_secs(5));
    let (expiring, _) = world.key(|record| record.key.expires_at = Some(end));
    let mut open = Vec::new();
    for key in [&owned, &tenant, &expiring] {
        open.push(world.open_chat(key, STREAM).await);
    }
    // What doesn't end a key doesn't cut it.
    let epoch = world.commit(owned_id, |_| {});
    world
        .gateway
        .apply(epoch, &[Change::User { id: user.clone(), inactive: false }, Change::Key { id: owned_id }])
        .await;
    assert_eq!(world.gateway.live_requests(), 3);

    let epoch = world.commit(owned_id, |record| record.owner = None);
    let cut = world.gateway.apply(epoch, &[Change::User { id: user, inactive: true }]).await;
    assert_eq!((cut.requests_cut, world.gateway.live_requests()), (1, 2));
    let epoch =
        world.commit(tenant_id, |record| record.tenant_status = model::tenant::TenantStatus::Suspended);
    let cut = world
        .gateway
        .apply(epoch, &[Change::Tenant { id: "team-a".parse().unwrap(), suspended: true }])
        .await;
    assert_eq!((cut.requests_cut, world.gateway.live_requests()), (1, 1));
    world.clock.advance(Duration::from_secs(5));
    for (response, code) in open.into_iter().zip(["owner_inactive", "tenant_suspended", "key_expired"]) {
        let reply = Reply::read(response).await;
        assert!(reply.body.contains(code), "{code}: {}", reply.body);
    }
    assert_eq!(world.chat(&owned, STREAM).await.code(), "owner_inactive");
    assert_eq!(world.chat(&tenant, STREAM).await.code(), "tenant_suspended");
    until("all ended", || world.gateway.live_requests() == 0).await;
    assert_eq!(world.gateway.metrics().requests_cut, 3);
}

#[tokio::test]
async fn an_end_that_came_nearer_ends_what_is_running() {
    let world = World::new().await;
    let upstream = Upstream::start(endless()).await;
    world.upstream(&upstream);
    let (key, id) = world.key(|_| {});
    let (other, _) = world.key(|_| {});
    let mut open = Vec::new();
    for key in [&key, &key, &other] {
        open.push(world.open_chat(key, STREAM).await);
    }
    assert_eq!((world.gateway.running(&id), world.gateway.live_requests()), (2, 3));
    let end = crate::support::noon().after(Duration::from_secs(5));
    // A generation before theirs is none of their business.
    let epoch = world.commit(id, |_| {});
    world.gateway.apply(epoch, &[Change::KeyEnds { id, through: Some(0), at: end }]).await;
    world.clock.advance(Duration::from_secs(5));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.gateway.running(&id), 2);

    let end = end.after(Duration::from_secs(5));
    let epoch = world.commit(id, |_| {});
    world.gateway.apply(epoch, &[Change::KeyEnds { id, through: Some(1), at: end }]).await;
    assert_eq!(world.gateway.running(&id), 2, "not before its time");
    world.clock.advance(Duration::from_secs(5));
    until("its requests have ended", || world.gateway.running(&id) == 0).await;
    assert_eq!(world.gateway.live_requests(), 1);
    for response in open.into_iter().take(2) {
        assert!(Reply::read(response).await.body.contains("key_expired"));
    }
}
