//! Every endpoint: anonymous first, then what else is refused, then the answer.

use crate::support::{CHAT, ECHO, World, echo, model};
use model::catalog::ProviderOptions;
use model::key::Environment;
use model::usage::{Outcome, TokenSource};

#[tokio::test]
async fn anonymous_gets_the_same_401_everywhere() {
    let world = World::new().await;
    let mut bodies = Vec::new();
    for (method, path) in
        [("POST", CHAT), ("GET", "/v1/models"), ("GET", "/v1/models/echo"), ("GET", "/v1/models/x")]
    {
        let reply = world.call(method, path, &[], ECHO).await;
        assert_eq!(reply.status, 401, "{path}");
        assert_eq!(reply.code(), "invalid_api_key");
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert!(reply.headers["x-request-id"].to_str().unwrap().starts_with("req_"));
        bodies.push(reply.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn no_answer_is_stored_or_sniffed() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let headers = [("x-api-key", &*key)];
    let streamed = ECHO.replacen('{', r#"{"stream":true,"#, 1);
    for (method, path, body, status) in [
        ("POST", CHAT, ECHO, 200),
        ("POST", CHAT, &*streamed, 200),
        ("POST", CHAT, "{", 400),
        ("GET", "/v1/models", "", 200),
        ("GET", "/v1/models/echo", "", 200),
        ("GET", "/v1/models/x", "", 404),
        ("GET", "/v1/x", "", 404),
    ] {
        let reply = world.call(method, path, &headers, body).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        assert_eq!(reply.headers["cache-control"], "no-store", "{path}");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let headers = [("x-api-key", &*key)];
    for path in
        ["/v1", "/v1/", "/v1/chat", "/v1/embedding", "/v1/Embeddings", "/v1/models/", "/v1/chat/completions/"]
    {
        let reply = world.call("POST", path, &headers, "{}").await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (404, "not_found"), "{path}");
    }
    let reply = world.call("GET", CHAT, &headers, "").await;
    assert_eq!((reply.status.as_u16(), &reply.headers["allow"]), (405, &"POST".parse().unwrap()));
    let reply = world.call("POST", "/v1/models", &headers, "").await;
    assert_eq!((reply.status.as_u16(), &reply.headers["allow"]), (405, &"GET".parse().unwrap()));
}

#[tokio::test]
async fn everything_else_is_answered_on_the_control_runtime() {
    let world = World::new().await;
    for path in ["/", "/login", "/v10/models", "//v1/models", "/%761/models"] {
        let reply = world.call("POST", path, &[], "12345").await;
        assert_eq!(reply.body, format!("{path} 127.0.0.1 false 5"));
        assert_eq!(reply.headers["content-length"], reply.body.len().to_string().as_str());
    }
}

#[tokio::test]
async fn models_are_those_that_the_key_may_call() {
    let world = World::new().await;
    let mut production = echo("real", ProviderOptions::default());
    production.provider.sandbox = false;
    let models = vec![
        model("echo", &[("echo", "echo")]),
        model("org/real-1", &[("real", "x")]),
        model("mixed", &[("real", "x"), ("echo", "echo")]),
    ];
    world.catalog(vec![echo("echo", ProviderOptions::default()), production], models);
    let names = async |key: &str| {
        let reply = world.call("GET", "/v1/models", &[("authorization", &format!("Bearer {key}"))], "").await;
        let json = reply.json();
        assert_eq!(json["object"], "list");
        let names =
            json["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let (all, _) = world.plain_key();
    let (sand, _) = world.key(|record| record.key.environment = Environment::Sandbox);
    let (none, _) = world.key(|record| record.key.scope.allowed_providers = Some(Vec::new()));
    let (one, _) =
        world.key(|record| record.key.scope.allowed_providers = Some(vec!["real".parse().unwrap()]));
    assert_eq!(names(&all).await, ["echo", "mixed", "org/real-1"]);
    assert_eq!(names(&sand).await, ["echo", "mixed"]);
    assert_eq!(names(&none).await, Vec::<String>::new());
    assert_eq!(names(&one).await, ["mixed", "org/real-1"]);

    let read = async |key: &str, path: &str| world.call("GET", path, &[("x-api-key", key)], "").await;
    assert_eq!(read(&all, "/v1/models/org/real-1").await.json()["id"], "org/real-1");
    assert_eq!(read(&all, "/v1/models/org%2Freal-1").await.json()["id"], "org/real-1");
    let hidden = read(&sand, "/v1/models/org/real-1").await;
    let unknown = read(&sand, "/v1/models/nothing").await;
    assert_eq!((hidden.status, &hidden.body), (unknown.status, &unknown.body));

    let ask = async |key: &str, name: &str| {
        world.chat(key, &format!(r#"{{"model":"{name}","messages":[]}}"#)).await
    };
    assert_eq!(ask(&sand, "org/real-1").await.code(), "sandbox_only");
    assert_eq!(ask(&sand, "mixed").await.status, 200, "the sandbox target is left");
    assert_eq!(ask(&none, "echo").await.code(), "provider_not_allowed");
    assert_eq!(ask(&one, "echo").await.code(), "provider_not_allowed");
    let unknown = ask(&all, "nothing").await;
    assert_eq!((unknown.status.as_u16(), &*unknown.code()), (404, "model_not_found"));
}

#[tokio::test]
async fn echo_answers_plain_and_is_recorded() {
    let world = World::new().await;
    let (key, id) = world.key(|record| {
        record.key.tags.insert("team".into(), "a".into());
    });
    let reply = world.chat(&key, ECHO).await;
    assert_eq!(reply.status, 200);
    let json = reply.json();
    assert_eq!(json["object"], "chat.completion");
    assert_eq!(json["choices"][0]["message"]["content"], "one two three");
    assert_eq!(json["usage"]["prompt_tokens"], 3);
    let row = world.rows(1).await.remove(0);
    assert_eq!(row.request_id.as_str(), reply.headers["x-request-id"]);
    assert_eq!((row.key_id, row.attempt, row.status, row.streamed), (id, 1, 200, false));
    assert_eq!((row.outcome, row.token_source), (Outcome::Completed, TokenSource::Reported));
    assert_eq!((row.input_tokens, row.output_tokens, row.cost_usd.as_micros()), (3, 3, 9));
    assert_eq!(row.key_tags["team"], "a");
}

#[tokio::test]
async fn echo_streams_and_hides_usage_from_who_did_not_ask() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let body = |options: &str| {
        format!(
            r#"{{"model":"echo","stream":true{options},"messages":[{{"role":"user","content":"one two"}}]}}"#
        )
    };
    let reply = world.chat(&key, &body("")).await;
    assert_eq!(reply.headers["content-type"], "text/event-stream");
    assert!(reply.body.ends_with("data: [DONE]\n\n"), "{}", reply.body);
    assert!(reply.body.contains("\"one\"") && reply.body.contains("\" two\""));
    assert!(!reply.body.contains("prompt_tokens"));
    let asked = world.chat(&key, &body(r#","stream_options":{"include_usage":true}"#)).await;
    assert!(asked.body.contains("\"prompt_tokens\":2"));
    for row in world.rows(2).await {
        assert_eq!((row.input_tokens, row.output_tokens, row.token_source), (2, 2, TokenSource::Reported));
        assert!(row.streamed && row.first_byte_micros.is_some());
    }
}

#[tokio::test]
async fn echo_fails_as_told() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let with = |options: ProviderOptions| {
        world.catalog(vec![echo("echo", options)], vec![model("echo", &[("echo", "e")])]);
    };
    with(ProviderOptions { fail_status: 503, ..ProviderOptions::default() });
    assert_eq!(world.chat(&key, ECHO).await.status, 503);
    with(ProviderOptions { fail_after_chunks: 2, ..ProviderOptions::default() });
    assert_eq!(world.chat(&key, ECHO).await.code(), "upstream_error");
    let streamed =
        world.chat(&key, &ECHO.replace('}', "},").replacen("},]},", "}],\"stream\":true}", 1)).await;
    assert!(streamed.body.contains("one") && streamed.body.contains("upstream_error"), "{}", streamed.body);
    assert!(!streamed.body.contains("three") && !streamed.body.contains("[DONE]"));
    assert!(world.rows(3).await.iter().all(|row| row.outcome == Outcome::UpstreamError));
}

#[tokio::test]
async fn bad_bodies_are_named_and_not_recorded() {
    let world = World::with(|config| config.max_body_bytes = 1_000).await;
    let (key, _) = world.plain_key();
    for (body, status, code) in [
        ("{", 400, "invalid_json"),
        ("[]", 400, "invalid_request_error"),
        (r#"{"messages":[]}"#, 400, "invalid_request_error"),
        (r#"{"model":"echo","messages":1}"#, 400, "invalid_request_error"),
        (&*format!(r#"{{"model":"echo","messages":["{}"]}}"#, "x".repeat(1_000)), 413, "request_too_large"),
    ] {
        let reply = world.chat(&key, body).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (status, code), "{body}");
    }
    assert_eq!(world.gateway.live_requests(), 0);
    let metrics = world.gateway.metrics();
    assert_eq!(metrics.requests_by_status_class, [0, 0, 0, 5, 0]);
    assert!(metrics.refused_by_code.contains(&("invalid_json", 1)));
    assert_eq!(metrics.spool_backlog, 0);
}
