//! Streams: back-pressure, clients that go away, upstreams that break.

use crate::cuts::flood_chunk;
use crate::script::{SSE, Step, Upstream, chunk, delta, say};
use crate::support::{CHAT, PLAIN, Reply, STREAM, World, background, until};
use http_body_util::BodyExt;
use model::usage::{Outcome, TokenSource};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

#[tokio::test]
async fn a_client_that_goes_away_ends_the_upstream() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let upstream = Upstream::start(vec![say(SSE), chunk(delta("12345678").as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    let mut response = world.open_chat(&key, STREAM).await;
    response.body_mut().frame().await.unwrap().unwrap();
    drop(response);
    until("upstream connection closed", || upstream.open.load(SeqCst) == 0).await;
    let row = world.rows(1).await.remove(0);
    assert_eq!((row.outcome, row.status, row.output_tokens), (Outcome::ClientGone, 200, 3));
    assert_eq!(row.token_source, TokenSource::Estimated);

    // Also before the answer began.
    let silent = Upstream::start(vec![Step::Hang]).await;
    world.upstream(&silent);
    let waiting = tokio::time::timeout(Duration::from_millis(300), world.chat(&key, PLAIN)).await;
    assert!(waiting.is_err() && silent.seen() == 1);
    until("upstream connection closed", || silent.open.load(SeqCst) == 0).await;
    let row = world.rows(2).await.remove(1);
    assert_eq!((row.outcome, row.status), (Outcome::ClientGone, 499));
    // The provider may have answered in full: it counts what was reserved.
    assert!(row.input_tokens > 0 && row.output_tokens == 1_024);
    assert_eq!(world.gateway.live_requests(), 0);
}

#[tokio::test]
async fn an_upstream_is_read_only_as_fast_as_the_client() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let upstream = Upstream::start(vec![say(SSE), Step::Flood(flood_chunk())]).await;
    world.upstream(&upstream);
    let response = world.open_chat(&key, STREAM).await;
    let mut before = usize::MAX;
    // Full once nothing moves for a while: buffers of the kernel and a little of ours.
    while upstream.written.load(SeqCst) != before {
        before = upstream.written.load(SeqCst);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(before < 32 * 1024 * 1024, "{before} bytes were read for a client that doesn't read");
    drop(response);
    until("upstream connection closed", || upstream.open.load(SeqCst) == 0).await;
}

#[tokio::test]
async fn a_stream_that_breaks_says_so() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    // Breaks in the middle of an event, which is then never begun for the client.
    let upstream = Upstream::start(vec![
        say(SSE),
        chunk(delta("ab").as_bytes()),
        chunk(b"data: {\"cho"),
        Step::Sleep(50),
        Step::Close,
    ])
    .await;
    world.upstream(&upstream);
    let reply = world.chat(&key, STREAM).await;
    let rest = reply.body.strip_prefix(&*delta("ab")).unwrap();
    assert!(rest.starts_with("data: {\"error\":") && rest.contains("upstream_error"), "{rest}");
    assert!(!reply.body.contains("[DONE]") && reply.whole);
    let row = world.rows(1).await.remove(0);
    assert_eq!((row.outcome, row.output_tokens), (Outcome::UpstreamError, 1));
}

#[tokio::test]
async fn chunks_arrive_as_they_are_sent() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let upstream = Upstream::start(vec![say(SSE), chunk(delta("first").as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    let mut response = world.open_chat(&key, STREAM).await;
    let first = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, delta("first"));
}

#[tokio::test]
async fn a_stream_settles_before_its_last_byte() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    // The upstream never ends its body after [DONE].
    let upstream = Upstream::start(vec![
        say(SSE),
        chunk(format!("{}data: [DONE]\n\n", delta("ab")).as_bytes()),
        Step::Hang,
    ])
    .await;
    world.upstream(&upstream);
    let mut response = world.open_chat(&key, STREAM).await;
    response.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(world.rows(1).await[0].outcome, Outcome::Completed);
}

#[tokio::test]
async fn http2_clients_stream_and_are_cut() {
    let world = World::new().await;
    let (key, id) = world.plain_key();
    let upstream = Upstream::start(vec![say(SSE), chunk(delta("ab").as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    let stream = tokio::net::TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    background(async move {
        let _ = connection.await;
    });
    let request = |path: &str, body: &'static str| {
        let uri = format!("http://gateway.test{path}");
        let request = http::Request::post(uri).header("x-api-key", &key);
        request.body(http_body_util::Full::new(bytes::Bytes::from_static(body.as_bytes()))).unwrap()
    };
    let page = Reply::read(sender.send_request(request("/login", "123")).await.unwrap()).await;
    assert_eq!(page.body, "/login 127.0.0.1 false 3");
    let mut one = sender.send_request(request(CHAT, STREAM)).await.unwrap();
    let two = sender.send_request(request(CHAT, STREAM)).await.unwrap();
    one.body_mut().frame().await.unwrap().unwrap();
    drop(two);
    until("the dropped stream ended", || world.gateway.live_requests() == 1).await;
    assert_eq!(world.revoke(id).await.requests_cut, 1);
    assert!(Reply::read(one).await.body.contains("key_revoked"));
}
