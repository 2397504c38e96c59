//! Requests that would have more than their key gives: by a name that is read in two ways, a body that never ends, a
//! limit that looks elsewhere.

use crate::script::{Upstream, answer};
use crate::support::{CHAT, PLAIN, Reply, STREAM, World, owned_by, until};
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use model::change::Change;
use model::key::Environment;
use model::limits::RateLimits;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANSWER: &str = r#"{"id":"x","choices":[{"message":{"content":"hello"}}],"usage":{"prompt_tokens":11,"completion_tokens":5}}"#;

async fn asked(script: (u16, &str)) -> (World, Upstream) {
    asked_of(World::new().await, script).await
}

async fn asked_of(world: World, (status, body): (u16, &str)) -> (World, Upstream) {
    let upstream = Upstream::start(answer(status, "application/json", body)).await;
    world.upstream(&upstream);
    (world, upstream)
}

fn param(reply: &Reply) -> String {
    reply.json()["error"]["param"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_form_says_the_same_to_every_parser() {
    let (world, upstream) = asked((200, "{}")).await;
    let (key, _) = world.plain_key();
    let ask = async |disposition: &str| {
        let body = format!(
            "--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\nhi\r\n--x\r\nContent-Disposition: form-data; \
             name=\"model\"\r\n\r\nm\r\n--x--\r\n"
        );
        let headers = [("x-api-key", &*key), ("content-type", "multipart/form-data; boundary=x")];
        world.call("POST", "/v1/audio/transcriptions", &headers, &body).await
    };
    for bad in [
        "name=a\\; filename=\"; name=model; x=\"",
        "name=\"a\\\\\"",
        "name=\"a;b\"",
        "name=\"caf\u{e9}\"",
        "name=\"\"",
        "name=\"model[]\"",
        "name=\"model\"",
        "name=\"MODEL\"",
        "name=\"model\"; filename=\"a\"",
    ] {
        let reply = ask(bad).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (400, "invalid_request_error"), "{bad}");
    }
    assert_eq!(upstream.seen(), 0);
    let reply = ask("name=\"timestamp_granularities[]\"; filename=\"a\\b\t.wav\"").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let (_, sent) = upstream.requests.lock().unwrap().pop().unwrap();
    assert!(sent.contains("name=\"timestamp_granularities[]\"; filename=\"a%5Cb%09.wav\"\r\n"), "{sent}");
}

#[tokio::test]
async fn each_prompt_of_a_list_counts() {
    let (world, _upstream) = asked((200, ANSWER)).await;
    let limits = RateLimits { tokens_per_minute: Some(5_000), ..RateLimits::default() };
    let prompts = |count, prompt: &str| format!("[{}]", vec![prompt; count].join(","));
    for (prompt, more, passes) in [
        (prompts(100, r#""x""#), r#","max_tokens":1000"#, false),
        (prompts(60, "[1]"), r#","max_tokens":1000"#, false),
        (prompts(3, "[1]"), r#","max_tokens":1000,"best_of":2"#, false),
        (prompts(3, "[1]"), r#","max_tokens":1000"#, true),
        (prompts(60, "1"), r#","max_tokens":1000"#, true),
        (r#""x""#.into(), r#","max_tokens":1000"#, true),
    ] {
        let (key, _) = world.key(|record| record.key.scope.rate_limits = limits);
        let body = format!(r#"{{"model":"m","prompt":{prompt}{more}}}"#);
        let reply = world.call("POST", "/v1/completions", &[("x-api-key", &key)], &body).await;
        assert_eq!(reply.status == StatusCode::OK, passes, "{body}: {}", reply.body);
    }
}

/// Begins a request whose body doesn't come to its end.
async fn half(world: &World, key: &str, length: usize, sent: usize) -> TcpStream {
    let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Refused on the way, perhaps.
    let _ = stream.write_all(&vec![b' '; sent]).await;
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut rest = Vec::new();
    let read = stream.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("still open").unwrap();
    String::from_utf8(rest).unwrap()
}

#[tokio::test]
async fn large_bodies_take_their_key_s_place_before_they_are_read() {
    let (world, _upstream) = asked((200, ANSWER)).await;
    let limits = RateLimits { concurrent_requests: Some(2), ..RateLimits::default() };
    let (key, _) = world.key(|record| record.key.scope.rate_limits = limits);
    let first = half(&world, &key, 1_000_000, 100_000).await;
    let second = half(&world, &key, 1_000_000, 0).await;
    until("two", || world.gateway.live_requests() == 2).await;
    let third = rest(half(&world, &key, 1_000_000, 10).await).await;
    assert!(third.starts_with("HTTP/1.1 429 ") && third.contains("concurrency_limit_exceeded"), "{third}");
    // Small ones wait for nobody: they weigh no more than their connection.
    assert_eq!(world.chat(&key, PLAIN).await.status, 200);
    // And another key has places of its own.
    let (other, _) = world.key(|record| record.key.scope.rate_limits = limits);
    let large = format!("{}{PLAIN}", " ".repeat(100_000));
    assert_eq!(world.chat(&other, &large).await.status, 200);
    drop((first, second));
    until("gone", || world.gateway.live_requests() == 0).await;
    assert_eq!(world.chat(&key, &large).await.status, 200);
}

#[tokio::test]
async fn bodies_share_a_bounded_memory() {
    let world = World::with(|config| {
        (config.max_body_bytes, config.body_memory_bytes) = (1_000_000, 4_000_000);
    })
    .await;
    let (world, _upstream) = asked_of(world, (200, ANSWER)).await;
    let keys: Vec<_> = (0..6).map(|_| world.plain_key().0).collect();
    let mut held = Vec::new();
    for key in &keys {
        for _ in 0..4 {
            held.push(half(&world, key, 900_000, 800_000).await);
        }
    }
    let answers = held.iter_mut().map(async |stream| {
        let mut first = [0; 4_096];
        let read = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut first)).await;
        // The others are still being read.
        read.map_or(String::new(), |length| String::from_utf8_lossy(&first[..length.unwrap()]).into_owned())
    });
    let answers = futures_util::future::join_all(answers).await;
    let refused: Vec<_> = answers.into_iter().filter(|answer| !answer.is_empty()).collect();
    let with = |code: &str| refused.iter().filter(|answer| answer.contains(code)).count();
    assert!(with("429 ") >= 6, "one key doesn't get all of it: {refused:?}");
    assert!(with("503 ") >= 1 && with("\"overloaded\"") == with("503 "), "{refused:?}");
    assert!(with("") >= 20, "{refused:?}");
    assert_eq!(world.chat(&keys[0], PLAIN).await.status, 200, "small ones are served");
}

#[tokio::test]
async fn keys_of_one_person_share_one_part_of_it() {
    let world = World::with(|config| {
        (config.max_body_bytes, config.body_memory_bytes) = (1_000_000, 4_000_000);
    })
    .await;
    let (world, _upstream) = asked_of(world, (200, ANSWER)).await;
    let user = "usr_0123456789abcdef".parse().unwrap();
    let mut held = Vec::new();
    for _ in 0..4 {
        let (key, _) = world.key(|record| owned_by(record, &user));
        held.push(half(&world, &key, 900_000, 800_000).await);
    }
    let mut refused = 0;
    for stream in &mut held {
        let mut first = [0; 4_096];
        if let Ok(length) = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut first)).await {
            assert!(first[..length.unwrap()].starts_with(b"HTTP/1.1 429 "));
            refused += 1;
        }
    }
    assert_eq!(refused, 3, "however many keys they have");
    let other = half(&world, &world.plain_key().0, 900_000, 900_000).await;
    assert!(rest(other).await.starts_with("HTTP/1.1 400 "), "nobody else waits for them");
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    let world = World::with(|config| config.body_idle_timeout = Duration::from_millis(200)).await;
    let (key, _) = world.plain_key();
    let answer = rest(half(&world, &key, 1_000, 10).await).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request_timeout"), "{answer}");
}

type Narrow = fn(&mut model::key::ApiKey);

#[tokio::test]
async fn a_key_that_is_narrowed_while_a_body_comes() {
    let (world, upstream) = asked((200, ANSWER)).await;
    let limits = RateLimits { concurrent_requests: Some(1), ..RateLimits::default() };
    let narrowings: [(Narrow, &str); 5] = [
        (|key| key.scope.denied_models = vec!["*".parse().unwrap()], "model_not_allowed"),
        (|key| key.scope.allowed_ips = Some(Vec::new()), "ip_not_allowed"),
        (|key| key.scope.allowed_actions = Some(Vec::new()), "action_not_allowed"),
        (|key| key.environment = Environment::Sandbox, "invalid_api_key"),
        (|key| key.name = "renamed".into(), "\"hello\""),
    ];
    for (narrow, expected) in narrowings {
        let (key, id) = world.key(|record| record.key.scope.rate_limits = limits);
        let mut stream = half(&world, &key, PLAIN.len() + 10, 10).await;
        until("request", || world.gateway.live_requests() == 1).await;
        let epoch = world.commit(id, |record| narrow(&mut record.key));
        assert_eq!(world.gateway.apply(epoch, &[Change::Key { id }]).await.requests_cut, 0);
        stream.write_all(PLAIN.as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        assert!(answer.contains(expected), "{expected}: {answer}");
        assert_eq!(world.gateway.live_requests(), 0);
    }
    assert_eq!(upstream.seen(), 1);
}

#[tokio::test]
async fn a_key_in_any_part_of_the_url_is_refused() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    for target in [
        format!("http://{key}@h/v1/models"),
        format!("http://x:{key}@h/v1/models"),
        format!("/v1/models?k=%2573k_prod_{}", &key[8..]),
        format!("/v1/models?k={}", key.replace('_', "%25255F")),
    ] {
        let mut stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
        let head = format!(
            "GET {} HTTP/1.1\r\nhost: h\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n",
            target.replace("%2573k_", "%2572k_")
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        assert!(answer.contains("credential_in_url"), "{target}: {answer}");
    }
    let stream = TcpStream::connect(world.gateway.local_addr()).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    crate::support::background(async move {
        let _ = connection.await;
    });
    for (uri, status) in [(format!("http://{key}@h/v1/models"), 400), ("http://h/v1/models".into(), 200)] {
        let request = Request::get(uri).header("x-api-key", &key).body(Empty::<Bytes>::new()).unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn metadata_that_can_not_be_read_is_said_so() {
    let (world, upstream) = asked((200, ANSWER)).await;
    let (key, _) = world.plain_key();
    let with = |metadata: &str| PLAIN.replacen('{', &format!(r#"{{"metadata":{metadata},"#), 1);
    for bad in [r#"{"\ud800":"y","key::team":"x"}"#, r#"{"\ud800":"y"}"#, "[1]", "7", r#""x""#] {
        let reply = world.chat(&key, &with(bad)).await;
        assert_eq!((reply.status.as_u16(), &*param(&reply)), (400, "metadata"), "{bad}");
    }
    let many: Vec<_> = (0..20_000).map(|n| format!(r#""m{n}":1"#)).collect();
    let reply = world.chat(&key, &with(&format!("{{{}}}", many.join(",")))).await;
    assert_eq!((reply.status.as_u16(), &*param(&reply)), (400, "metadata"));
    assert_eq!(upstream.seen(), 0);
    for good in ["null", "{}", r#"{"team":"x","n":1,"odd":"\ud800"}"#] {
        assert_eq!(world.chat(&key, &with(good)).await.status, 200, "{good}");
    }
}

#[tokio::test]
async fn a_body_has_so_many_fields() {
    let (world, _upstream) = asked((200, ANSWER)).await;
    let (key, _) = world.plain_key();
    let with = |count| PLAIN.replacen('{', &format!("{{{}", r#""m":1,"#.repeat(count)), 1);
    assert_eq!(world.chat(&key, &with(998)).await.status, 200);
    let reply = world.chat(&key, &with(1_000)).await;
    assert_eq!((reply.status.as_u16(), &*reply.code()), (400, "invalid_json"));
    assert!(reply.body.contains("at most 1000 fields"), "{}", reply.body);
}

#[tokio::test]
async fn looking_at_models_is_a_request() {
    let world = World::new().await;
    let limits = RateLimits {
        requests_per_minute: Some(3),
        concurrent_requests: Some(1),
        tokens_per_minute: Some(1_000),
        ..RateLimits::default()
    };
    let (key, _) = world.key(|record| record.key.scope.rate_limits = limits);
    let get = async |path: &str| world.call("GET", path, &[("x-api-key", &key)], "").await;
    assert_eq!(get("/v1/models").await.status, 200);
    assert_eq!(get("/v1/models/nothing").await.status, 404);
    let third = get("/v1/models/echo").await;
    assert_eq!(third.status, 200);
    assert_eq!(third.headers["x-ratelimit-remaining-requests"], "0");
    for path in ["/v1/models", "/v1/models/echo"] {
        let reply = get(path).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (429, "rate_limit_exceeded"));
    }
    assert_eq!(world.chat(&key, crate::support::ECHO).await.status, 429);
}

#[tokio::test]
async fn a_bound_key_leaves_no_choice_to_the_upstream() {
    let (world, upstream) = asked((200, ANSWER)).await;
    let fields =
        ["fallbacks", "model_list", "preset", "provider", "api_base", "base_url", "extra_body", "Fallbacks"];
    let with = |field: &str| PLAIN.replacen('{', &format!(r#"{{"{field}":["x"],"#), 1);
    let (free, _) = world.plain_key();
    for field in fields {
        assert_eq!(world.chat(&free, &with(field)).await.status, 200, "{field}");
        assert!(upstream.requests.lock().unwrap().pop().unwrap().1.contains(field));
    }
    let bounds: [fn(&mut model::key::KeyScope); 3] = [
        |scope| scope.allowed_models = Some(vec!["m".parse().unwrap()]),
        |scope| scope.denied_models = vec!["dear".parse().unwrap()],
        |scope| scope.allowed_providers = Some(vec!["up".parse().unwrap()]),
    ];
    for bound in bounds {
        let (key, _) = world.key(|record| bound(&mut record.key.scope));
        for field in fields {
            let reply = world.chat(&key, &with(field)).await;
            assert_eq!(
                (reply.status.as_u16(), &*reply.code(), &*param(&reply)),
                (400, "invalid_request_error", &*field.to_lowercase())
            );
        }
        assert_eq!(world.chat(&key, &with("fallbacks").replace(r#"["x"]"#, "null")).await.status, 200);
    }
}

#[tokio::test]
async fn usage_comes_once_at_the_end() {
    let (world, upstream) = asked((200, ANSWER)).await;
    let (key, _) = world.plain_key();
    for options in [
        r#"{"include_usage":true,"continuous_usage_stats":true}"#,
        r#"{"continuous_usage_stats":true}"#,
        r#"{"include_usage":false,"include_usage":true}"#,
    ] {
        let body = STREAM.replacen('{', &format!(r#"{{"stream_options":{options},"#), 1);
        world.chat(&key, &body).await;
        let (_, sent) = upstream.requests.lock().unwrap().pop().unwrap();
        assert!(sent.contains(r#""stream_options":{"include_usage":true},"#), "{sent}");
    }
}
