//! Answers that would like to be cheaper than they are, whoever wishes it: the client or the upstream.

use crate::script::{SSE, Step, Upstream, answer, chunk, delta, say};
use crate::support::{CHAT, PLAIN, Reply, STREAM, World, background, model, until};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use model::catalog::Prices;
use model::limits::RateLimits;
use model::usage::{Outcome, TokenSource, UsageRow};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5020}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

async fn read_until(response: &mut http::Response<Incoming>, end: &str) {
    let mut seen = String::new();
    while !seen.contains(end) {
        let frame = response.body_mut().frame().await.unwrap().unwrap();
        seen.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
}

fn figures(row: &UsageRow) -> (Outcome, u64, TokenSource) {
    (row.outcome, row.output_tokens, row.token_source)
}

#[tokio::test]
async fn who_leaves_at_the_end_of_the_text_pays_for_the_thinking() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let upstream = Upstream::start(vec![
        say(SSE),
        chunk([&delta("twenty words"), FINISH].concat().as_bytes()),
        Step::Sleep(300),
        chunk([USAGE, DONE].concat().as_bytes()),
        Step::Hang,
    ])
    .await;
    world.upstream(&upstream);
    let mut response = world.open_chat(&key, STREAM).await;
    read_until(&mut response, "finish_reason").await;
    drop(response);
    let row = world.rows(1).await.remove(0);
    assert_eq!(figures(&row), (Outcome::ClientGone, 5_020, TokenSource::Reported));
    assert_eq!((row.input_tokens, row.status), (9, 200));
    until("upstream connection closed", || upstream.open.load(SeqCst) == 0).await;
    assert_eq!(world.gateway.live_requests(), 0);
}

#[tokio::test]
async fn waiting_for_the_usage_of_who_left_is_bounded_and_cut() {
    let world = World::new().await;
    let finished = chunk([&delta("12345678"), FINISH].concat().as_bytes());
    // Silent, or talking of anything else.
    let comment = format!(": {}\n\n", "x".repeat(4_000));
    let comment = format!("{:x}\r\n{comment}\r\n", comment.len()).into_bytes();
    let silent = Upstream::start(vec![say(SSE), finished.clone(), Step::Hang]).await;
    let talking = Upstream::start(vec![say(SSE), finished, Step::Sleep(100), Step::Flood(comment)]).await;
    for (upstream, revoked) in [(&silent, false), (&talking, false), (&silent, true)] {
        let (key, id) = world.plain_key();
        world.upstream(upstream);
        let before = world.ledger.rows.lock().unwrap().len();
        let mut response = world.open_chat(&key, STREAM).await;
        read_until(&mut response, "finish_reason").await;
        drop(response);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let outcome = if revoked {
            assert_eq!(world.gateway.running(&id), 1, "it is still read");
            assert_eq!(world.revoke(id).await.requests_cut, 1);
            assert_eq!(world.gateway.running(&id), 0);
            Outcome::Cut
        } else {
            Outcome::ClientGone
        };
        let row = world.rows(before + 1).await.remove(before);
        assert_eq!(figures(&row), (outcome, 3, TokenSource::Estimated));
        until("upstream connection closed", || upstream.open.load(SeqCst) == 0).await;
        until("the request ended", || world.gateway.live_requests() == 0).await;
    }
}

#[tokio::test]
async fn figures_from_the_middle_don_t_count_for_the_whole() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let event = |index: usize, text: &str, output: u64| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}],\
             \"usage\":{{\"prompt_tokens\":9,\"completion_tokens\":{output}}}}}\n\n"
        )
    };
    // Counted along for each choice by itself; the client leaves.
    let words: String = (0..640).map(|word| event(word % 64, " word", 10)).collect();
    let upstream = Upstream::start(vec![say(SSE), chunk(words.as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    let mut response = world.open_chat(&key, STREAM).await;
    response.body_mut().frame().await.unwrap().unwrap();
    drop(response);
    let row = world.rows(1).await.remove(0);
    assert_eq!((row.outcome, row.token_source), (Outcome::ClientGone, TokenSource::Estimated));
    assert!(row.output_tokens >= 640, "{}", row.output_tokens);
    // Nothing at the beginning, and silence at the end.
    let whole = [&event(0, "many words", 0), FINISH, DONE].concat();
    let upstream = Upstream::start(vec![say(SSE), chunk(whole.as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    world.chat(&key, STREAM).await;
    assert_eq!(figures(&world.rows(2).await[1]), (Outcome::Completed, 4, TokenSource::Estimated));
    // A byte order mark before it all.
    let marked = ["\u{feff}", &delta("many words"), DONE].concat();
    let upstream = Upstream::start(vec![say(SSE), chunk(marked.as_bytes()), Step::Hang]).await;
    world.upstream(&upstream);
    world.chat(&key, STREAM).await;
    assert_eq!(figures(&world.rows(3).await[2]), (Outcome::Completed, 4, TokenSource::Estimated));
}

#[tokio::test]
async fn figures_that_can_t_be_true_are_estimated() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let plain = |usage: &str| {
        let text = "x".repeat(100);
        format!(r#"{{"choices":[{{"message":{{"content":"{text}"}}}}],"usage":{usage}}}"#)
    };
    let request = PLAIN.replacen('{', r#"{"max_tokens":20,"#, 1);
    for (nth, (usage, expected)) in [
        (r#"{"prompt_tokens":9,"completion_tokens":25}"#, Some(25)),
        ("[1]", None),
        ("[9,25]", None),
        (r#"{"prompt_tokens":9,"completion_tokens":-25}"#, None),
        (r#"{"prompt_tokens":9,"completion_tokens":1e30}"#, None),
        (r#"{"prompt_tokens":9,"completion_tokens":0}"#, None),
        (r#"{"prompt_tokens":9}"#, None),
        (r#"{"prompt_tokens":9,"completion_tokens":5000}"#, None),
    ]
    .into_iter()
    .enumerate()
    {
        let body = plain(usage);
        let upstream = Upstream::start(answer(200, "application/json", &body)).await;
        world.upstream(&upstream);
        assert_eq!(world.chat(&key, &request).await.body, body, "it goes on as it came");
        let row = world.rows(nth + 1).await.remove(nth);
        let estimated = (Outcome::Completed, 50, TokenSource::Estimated);
        let expected = expected.map_or(estimated, |count| (Outcome::Completed, count, TokenSource::Reported));
        assert_eq!(figures(&row), expected, "{usage}");
        assert!(row.input_tokens >= 9, "{usage}");
    }
}

/// A plain answer that no buffer of the kernel takes whole.
fn large() -> String {
    let data = "x".repeat(24 * 1024 * 1024);
    format!(r#"{{"data":"{data}","usage":{{"prompt_tokens":9,"completion_tokens":5}}}}"#)
}

async fn ask(world: &World, key: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let length = PLAIN.len();
    let head = format!("POST {CHAT} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ncontent-length: {length}\r\n");
    stream.write_all(format!("{head}connection: close\r\n\r\n{PLAIN}").as_bytes()).await.unwrap();
    let mut some = vec![0; 2_048];
    stream.read_exact(&mut some).await.unwrap();
    assert!(some.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&some));
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_isn_t_taken_keeps_its_place() {
    let world = World::new().await;
    let limits = RateLimits { concurrent_requests: Some(1), ..RateLimits::default() };
    let (key, id) = world.key(|record| record.key.scope.rate_limits = limits);
    let body = large();
    let upstream = Upstream::start(answer(200, "application/json", &body)).await;
    world.upstream(&upstream);
    let mut first = ask(&world, &key).await;
    // Settled before it left, and still running.
    assert_eq!(figures(&world.rows(1).await[0]), (Outcome::Completed, 5, TokenSource::Reported));
    assert_eq!(world.gateway.running(&id), 1);
    assert_eq!(world.chat(&key, PLAIN).await.code(), "concurrency_limit_exceeded");
    let mut rest = Vec::new();
    first.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() > body.len() - 2_048 && rest.ends_with(b"}}"));
    assert_eq!(world.chat(&key, PLAIN).await.body.len(), body.len(), "its place is free again");

    let mut cut = ask(&world, &key).await;
    assert_eq!(world.revoke(id).await.requests_cut, 1);
    assert_eq!(world.gateway.live_requests(), 0);
    let end = cut.read_to_end(&mut Vec::new()).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn an_answer_behind_a_shut_window_is_given_up() {
    let world = World::with(|config| config.write_timeout = Duration::from_millis(300)).await;
    let (key, id) = world.plain_key();
    let plain = answer(200, "application/json", &large()[..]);
    let stream = vec![say(SSE), chunk(delta("ab").as_bytes()), Step::Hang];
    for (window, body, script) in [(0, PLAIN, plain.clone()), (0, STREAM, stream), (1_000_000, PLAIN, plain)]
    {
        let upstream = Upstream::start(script).await;
        world.upstream(&upstream);
        let socket = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::Builder::new(hyper_util::rt::TokioExecutor::new())
                .initial_stream_window_size(window)
                .handshake(hyper_util::rt::TokioIo::new(socket))
                .await
                .unwrap();
        let connection = background(async move {
            let _ = connection.await;
        });
        let request = http::Request::post(format!("http://gateway.test{CHAT}")).header("x-api-key", &key);
        let request = request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!((response.status().as_u16(), world.gateway.running(&id)), (200, 1));
        until("the connection's end", || connection.is_finished()).await;
        until("the request's end", || world.gateway.running(&id) == 0).await;
        drop(response);
        until("upstream connection closed", || upstream.open.load(SeqCst) == 0 || body == PLAIN).await;
    }
}

#[tokio::test]
async fn an_upstream_that_goes_on_after_its_last_event_is_left() {
    let world = World::new().await;
    let limits = RateLimits { concurrent_requests: Some(1), ..RateLimits::default() };
    let (key, id) = world.key(|record| record.key.scope.rate_limits = limits);
    let end = chunk([&delta("ab"), DONE].concat().as_bytes());
    let silent = Upstream::start(vec![say(SSE), end.clone(), Step::Hang]).await;
    world.upstream(&silent);
    let begun = std::time::Instant::now();
    let mut one = world.open_chat(&key, STREAM).await;
    read_until(&mut one, "[DONE]").await;
    // Who has the last event may ask again at once.
    let mut two = world.open_chat(&key, STREAM).await;
    assert_eq!(two.status(), 200);
    read_until(&mut two, "[DONE]").await;
    assert!(Reply::read(one).await.whole && Reply::read(two).await.whole);
    assert!(begun.elapsed() >= Duration::from_millis(900), "the connection had a second to end");
    assert_eq!(world.gateway.running(&id), 0);

    let flood = chunk(&[b'\n'; 1_000]);
    let Step::Say(flood) = flood else { panic!() };
    let talking = Upstream::start(vec![say(SSE), end, Step::Flood(flood)]).await;
    world.upstream(&talking);
    let begun = std::time::Instant::now();
    let reply = world.chat(&key, STREAM).await;
    assert!(reply.whole && reply.body == [&delta("ab"), DONE].concat());
    assert!(begun.elapsed() < Duration::from_millis(900), "it said too much before its second was over");
    until("upstream connections closed", || talking.open.load(SeqCst) + silent.open.load(SeqCst) == 0).await;
}

#[tokio::test]
async fn an_upstream_s_errors_don_t_carry_its_credential() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let escaped = "upstream-canary".bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat();
    let base64 = STANDARD.encode("Bearer upstream-canary");
    for form in ["upstream-canary", &escaped, &escaped.replace('\\', "\\\\"), &base64] {
        let error =
            format!(r#"{{"error":{{"message":"bad {form}","type":"x","param":null,"code":"{form}"}}}}"#);
        let upstream = Upstream::start(answer(400, "application/json", &error)).await;
        world.upstream(&upstream);
        let reply = world.chat(&key, PLAIN).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (400, "upstream_error"), "{}", reply.body);
        // In a stream, also beside what was good.
        let event = [&delta("ab"), &*format!("data: {error}\n\n")].concat();
        let upstream = Upstream::start(vec![say(SSE), chunk(event.as_bytes()), Step::Hang]).await;
        world.upstream(&upstream);
        let reply = world.chat(&key, STREAM).await;
        assert!(reply.body.contains("upstream_error") && !reply.body.contains("bad"), "{}", reply.body);
    }
    // What clients don't know of an error stays behind, and what they know comes through.
    let error =
        r#"{"error":{"message":"too long","type":"t","param":"messages","code":"c","headers":{"k":"v"}}}"#;
    let upstream = Upstream::start(answer(400, "application/json", error)).await;
    world.upstream(&upstream);
    let told = r#"{"error":{"message":"too long","type":"t","param":"messages","code":"c"}}"#;
    assert_eq!(world.chat(&key, PLAIN).await.body, told);
}

#[tokio::test]
async fn images_and_audio_have_their_price() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let form = |name: &str| {
        let file = "x".repeat(4_000);
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{file}\r\n--b--\r\n"
        )
    };
    let images = r#"{"model":"m","prompt":"a house","n":3}"#;
    let speech = r#"{"model":"m","input":"hello","response_format":"pcm"}"#;
    let (generations, transcriptions) = ("/v1/images/generations", "/v1/audio/transcriptions");
    let pcm = "x".repeat(96_000);
    let usage = r#""usage":{"input_tokens":7,"output_tokens":9}"#;
    let cases = [
        (
            generations,
            images.to_owned(),
            format!(r#"{{"data":[1,2],{usage}}}"#),
            80_000,
            TokenSource::Reported,
        ),
        (generations, images.to_owned(), format!("{{{usage}}}"), 120_000, TokenSource::Estimated),
        (transcriptions, form("a.mp3"), format!(r#"{{"duration":2.5,{usage}}}"#), 250, TokenSource::Reported),
        (transcriptions, form("a.mp3"), "hi".to_owned(), 100, TokenSource::Estimated),
        ("/v1/audio/speech", speech.to_owned(), pcm, 200, TokenSource::Estimated),
    ];
    for (nth, (path, body, told, cost, source)) in cases.into_iter().enumerate() {
        let upstream = Upstream::start(answer(200, "application/json", &told)).await;
        let mut priced = model("m", &[("up", "m")]);
        priced.prices = Prices {
            per_image_usd: Some("0.04".parse().unwrap()),
            per_audio_second_usd: Some("0.0001".parse().unwrap()),
            ..Prices::default()
        };
        world.catalog(vec![upstream.provider("up")], vec![priced]);
        let kind =
            if path == transcriptions { "multipart/form-data; boundary=b" } else { "application/json" };
        let reply = world.call("POST", path, &[("x-api-key", &key), ("content-type", kind)], &body).await;
        assert_eq!(reply.body, told);
        let row = world.rows(nth + 1).await.remove(nth);
        assert_eq!((row.cost_usd.as_micros(), row.token_source), (cost, source), "{path} {nth}");
    }
}
