//! What goes to an upstream, what comes back, and where requests never go.

use crate::script::{SSE, Step, Upstream, answer, chunk, delta, say};
use crate::support::{PLAIN, STREAM, World, model, owned_by, until};
use model::catalog::BreakerState;
use model::usage::{Outcome, TokenSource};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

const ANSWER: &str = r#"{"id":"x","choices":[{"message":{"content":"hello"}}],"usage":{"prompt_tokens":11,"completion_tokens":5}}"#;

#[tokio::test]
async fn the_body_goes_on_and_the_credential_does_not() {
    let world = World::new().await;
    let upstream = Upstream::start(answer(200, "application/json", ANSWER)).await;
    world.upstream(&upstream);
    let (key, _) = world.plain_key();
    let body = r#"{"model":"m", "x_unknown":{"a":1.50},"messages":[]}"#;
    let bearer = format!("Bearer {key}");
    let headers = [
        ("authorization", &*bearer),
        ("api-key", &*key),
        ("cookie", "session=1"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-user-email", "a@b.c"),
        ("user-agent", "sdk/1"),
    ];
    for _ in 0..2 {
        let reply = world.call("POST", crate::support::CHAT, &headers, body).await;
        assert_eq!((reply.status.as_u16(), &*reply.body), (200, ANSWER));
        assert_eq!(reply.headers["content-type"], "application/json");
        let (head, sent) = upstream.requests.lock().unwrap().pop().unwrap();
        assert_eq!(sent, body.replace("\"m\"", "\"m-upstream\""));
        assert!(head.starts_with("post /v1/chat/completions http/1.1\r\n"));
        assert!(
            head.contains("authorization: bearer upstream-canary\r\n")
                && head.contains("user-agent: sdk/1\r\n")
        );
        assert!(head.contains(
            &*format!("x-request-id: {}", reply.headers["x-request-id"].to_str().unwrap()).to_lowercase()
        ));
        let secret = key[20..].to_lowercase();
        for never in [&*secret, "api-key", "cookie", "x-forwarded-for", "x-user-email"] {
            assert!(!head.contains(never), "{never} in {head}");
        }
    }
    let row = world.rows(2).await.remove(0);
    assert_eq!((row.input_tokens, row.output_tokens, row.token_source), (11, 5, TokenSource::Reported));
    assert_eq!((row.upstream_model.as_str(), row.cost_usd.as_micros()), ("m-upstream", 21));
}

#[tokio::test]
async fn streams_read_the_same_at_every_chunk_boundary() {
    let world = World::new().await;
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\r\n\r\n";
    let visible = format!("{}{}", delta("h\\u00e9 \\\"x"), delta("llo"));
    let stream = format!("{visible}{usage}data: [DONE]\n\n");
    let (key, _) = world.plain_key();
    let sizes = [1, 2, 3, 7, 31, 64, stream.len()];
    for size in sizes {
        let mut script = vec![say(SSE)];
        script.extend(stream.as_bytes().chunks(size).map(chunk));
        script.push(say("0\r\n\r\n"));
        let upstream = Upstream::start(script).await;
        world.upstream(&upstream);
        let reply = world.chat(&key, STREAM).await;
        assert_eq!(reply.body, format!("{visible}data: [DONE]\n\n"), "chunks of {size}");
        let asked = STREAM.replacen('{', r#"{"stream_options":{"include_usage":true},"#, 1);
        assert_eq!(world.chat(&key, &asked).await.body, stream);
        let sent = upstream.requests.lock().unwrap().clone();
        assert!(sent.iter().all(|(_, body)| body.contains(r#""stream_options":{"include_usage":true}"#)));
        // Read to their ends, connections serve again: one request after the other needs at most one for each thread.
        assert!(upstream.accepted.load(SeqCst) <= 2);
    }
    for row in world.rows(sizes.len() * 2).await {
        assert_eq!((row.input_tokens, row.output_tokens, row.outcome), (9, 4, Outcome::Completed));
    }
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let world = World::with(|config| config.threads = 1).await;
    let (key, _) = world.plain_key();
    let upstream = Upstream::start(answer(200, "application/json", ANSWER)).await;
    world.upstream(&upstream);
    for _ in 0..5 {
        assert_eq!(world.chat(&key, PLAIN).await.status, 200);
    }
    assert_eq!(upstream.accepted.load(SeqCst), 1);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let world = World::with(|config| config.threads = 1).await;
    let (key, _) = world.plain_key();
    let upstream =
        Upstream::start([answer(200, "application/json", ANSWER), vec![Step::Close]].concat()).await;
    world.upstream(&upstream);
    for count in 1..=3 {
        assert_eq!(world.chat(&key, PLAIN).await.status, 200);
        until("closed", || upstream.open.load(SeqCst) == 0).await;
        assert_eq!((upstream.seen(), upstream.accepted.load(SeqCst)), (count, count));
    }
}

#[tokio::test]
async fn what_an_upstream_has_read_is_not_sent_again() {
    let world = World::with(|config| config.threads = 1).await;
    let (key, _) = world.plain_key();
    let script = [vec![Step::CloseWhenAskedAgain], answer(200, "application/json", ANSWER)].concat();
    let upstream = Upstream::start(script).await;
    world.upstream(&upstream);
    assert_eq!(world.chat(&key, PLAIN).await.status, 200);
    // On the same connection, which ends instead of answering: the upstream may have begun to work.
    assert_eq!(world.chat(&key, PLAIN).await.status, 502);
    assert_eq!((upstream.seen(), upstream.accepted.load(SeqCst)), (2, 1));
}

#[tokio::test]
async fn an_upstream_s_errors() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let own = r#"{"error":{"message":"too long","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}"#;
    let leak = r#"{"error":{"message":"bad key upstream-canary"}}"#;
    for (script, status, code) in [
        (answer(400, "application/json", own), 400, "context_length_exceeded"),
        (answer(429, "application/json; charset=utf-8", own), 429, "context_length_exceeded"),
        (answer(500, "text/html", "<h1>secret stack</h1>"), 500, "upstream_error"),
        (answer(500, "application/json", leak), 500, "upstream_error"),
        (answer(401, "application/json", leak), 502, "upstream_error"),
        (answer(403, "application/json", own), 502, "upstream_error"),
        (vec![Step::Close], 502, "upstream_error"),
        (vec![say("nonsense\r\n\r\n"), Step::Close], 502, "upstream_error"),
        (vec![say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), Step::Close], 502, "upstream_error"),
        (
            vec![say("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx")],
            502,
            "upstream_error",
        ),
    ] {
        let upstream = Upstream::start(script).await;
        world.upstream(&upstream);
        for body in [PLAIN, STREAM] {
            let reply = world.chat(&key, body).await;
            assert_eq!((reply.status.as_u16(), &*reply.code()), (status, code), "{}", reply.body);
            assert!(!reply.body.contains("canary") && !reply.body.contains("stack"));
            assert!(!reply.headers.contains_key("www-authenticate"));
        }
    }
    let rows = world.rows(20).await;
    assert!(rows.iter().all(|row| row.outcome == Outcome::UpstreamError));
    // The four plain requests that were sent and got no whole answer may be charged: they count what was reserved.
    let charged: Vec<_> = rows.iter().filter(|row| row.output_tokens > 0).collect();
    assert!(charged.len() == 4 && charged.iter().all(|row| !row.streamed && row.output_tokens == 1_024));
    assert_eq!(world.gateway.metrics().upstream_errors, 20);
}

#[tokio::test]
async fn what_was_never_sent_costs_nothing() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let upstream = Upstream::start(vec![]).await;
    let mut provider = upstream.provider("up");
    // Nobody listens there.
    provider.provider.base_url = "http://127.0.0.1:1/v1".into();
    world.catalog(vec![provider], vec![model("m", &[("up", "m")])]);
    let reply = world.chat(&key, PLAIN).await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (502, "upstream_error"));
    let row = world.rows(1).await.remove(0);
    assert_eq!((row.outcome, row.input_tokens, row.output_tokens), (Outcome::UpstreamError, 0, 0));
}

#[tokio::test]
async fn absurd_figures_don_t_reach_the_ledger() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let absurd = ANSWER.replace("11", "18446744073709551615").replace(":5", ":18446744073709551615");
    let upstream = Upstream::start(answer(200, "application/json", &absurd)).await;
    world.upstream(&upstream);
    assert_eq!(world.chat(&key, PLAIN).await.body, absurd);
    let row = world.rows(1).await.remove(0);
    // Estimated by the prompt's bytes and the five letters of the answer.
    assert_eq!((row.input_tokens, row.output_tokens), (PLAIN.len().div_ceil(4) as u64, 3));
    assert_eq!(row.token_source, TokenSource::Estimated);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let world = World::new().await;
    let thief = Upstream::start(answer(200, "application/json", ANSWER)).await;
    let moved =
        format!("HTTP/1.1 307 X\r\nlocation: http://{}/v1\r\ncontent-length: 0\r\n\r\n", thief.address);
    let upstream = Upstream::start(vec![say(&moved)]).await;
    world.upstream(&upstream);
    let (key, _) = world.plain_key();
    let reply = world.chat(&key, PLAIN).await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (502, "upstream_error"));
    assert!(!reply.headers.contains_key("location"));
    assert_eq!(thief.seen(), 0);
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    let world = World::new().await;
    let upstream = Upstream::start(answer(200, "application/json", ANSWER)).await;
    let (key, _) = world.plain_key();
    let port = upstream.address.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let mut provider = upstream.provider("up");
        provider.provider.base_url = format!("http://{host}:{port}/v1");
        provider.provider.allow_private_addresses = false;
        world.catalog(vec![provider], vec![model("m", &[("up", "m")])]);
        let reply = world.chat(&key, PLAIN).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (502, "upstream_error"), "{host}");
    }
    assert_eq!(upstream.seen(), 0);
    // A connection that was made with permission doesn't serve who has none.
    world.upstream(&upstream);
    assert_eq!(world.chat(&key, PLAIN).await.status, 200);
    let mut provider = upstream.provider("up");
    provider.provider.allow_private_addresses = false;
    world.catalog(vec![provider], vec![model("m", &[("up", "m")])]);
    assert_eq!(world.chat(&key, PLAIN).await.status, 502);
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let world = World::with(|config| {
        config.answer_timeout = Duration::from_millis(200);
        config.idle_timeout = Duration::from_millis(200);
    })
    .await;
    let (key, _) = world.plain_key();
    let silent = Upstream::start(vec![Step::Hang]).await;
    world.upstream(&silent);
    let reply = world.chat(&key, PLAIN).await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (504, "upstream_timeout"));
    let row = world.rows(1).await.remove(0);
    assert_eq!((row.output_tokens, row.token_source), (1_024, TokenSource::Estimated), "it may be charged");
    let stalls = Upstream::start(vec![say(SSE), chunk(delta("ab").as_bytes()), Step::Hang]).await;
    world.upstream(&stalls);
    let reply = world.chat(&key, STREAM).await;
    assert!(
        reply.body.starts_with(&delta("ab")) && reply.body.contains("upstream_timeout"),
        "{}",
        reply.body
    );
    assert!(!reply.body.contains("[DONE]"));
}

#[tokio::test]
async fn one_owner_s_requests_don_t_close_a_model_for_others() {
    let world = World::new().await;
    let broken = Upstream::start(answer(500, "application/json", "{}")).await;
    world.upstream(&broken);
    let owned = |owner: &str| world.key(|record| owned_by(record, &owner.parse().unwrap())).0;
    let (mine, my_other, theirs) =
        (owned("usr_mine000000000000"), owned("usr_mine000000000000"), owned("usr_theirs0000000000"));
    for _ in 0..5 {
        assert_eq!(world.chat(&mine, PLAIN).await.status, 500);
    }
    for _ in 0..20 {
        let reply = world.chat(&mine, PLAIN).await;
        assert_eq!((reply.status.as_u16(), &reply.headers["retry-after"]), (502, &"6".parse().unwrap()));
    }
    assert_eq!(broken.seen(), 5, "it is left alone by the key that failed");
    let health = |world: &World| world.gateway.target_health(&"m".parse().unwrap()).remove(0);
    assert_eq!((health(&world).breaker, health(&world).failures), (BreakerState::Closed, 5));
    assert_eq!(world.chat(&my_other, PLAIN).await.status, 500);
    assert_eq!(world.chat(&theirs, PLAIN).await.status, 500, "it was asked");
    assert_eq!(health(&world).breaker, BreakerState::Closed);
    assert_eq!(world.chat(&owned("usr_third00000000000"), PLAIN).await.status, 500);
    assert_eq!(health(&world).breaker, BreakerState::Open, "three owners met the same");
    let reply = world.chat(&theirs, PLAIN).await;
    assert_eq!((reply.status.as_u16(), reply.headers.contains_key("retry-after")), (502, true));
    let working = Upstream::start(answer(200, "application/json", ANSWER)).await;
    world.upstream(&working);
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(world.chat(&theirs, PLAIN).await.status, 200);
    assert_eq!(world.chat(&mine, PLAIN).await.status, 200);
    assert_eq!((health(&world).breaker, health(&world).failures), (BreakerState::Closed, 0));
}

#[tokio::test]
async fn weights_share_requests_exactly() {
    let world = World::new().await;
    let a = Upstream::start(answer(200, "application/json", ANSWER)).await;
    let b = Upstream::start(answer(200, "application/json", ANSWER)).await;
    let mut shared = model("m", &[("a", "m"), ("b", "m")]);
    shared.targets[1].weight = 3;
    world.catalog(vec![a.provider("a"), b.provider("b")], vec![shared]);
    let (key, _) = world.plain_key();
    for _ in 0..12 {
        assert_eq!(world.chat(&key, PLAIN).await.status, 200);
    }
    assert_eq!((a.seen(), b.seen()), (3, 9));
}
