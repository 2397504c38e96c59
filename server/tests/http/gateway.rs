//! The data path through the real wiring: a key from the Admin API, the echo provider, the ledger behind.

use crate::client::{Ask, events};
use crate::support::{Place, eventually, text};
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_key_calls_the_echo_model_plain_and_streamed() {
    let place = Place::new();
    let server = place.serve().await;
    server.chat("", "hello", false).ask().await.refusal(401, "invalid_api_key");
    server.post("/v1/chat/completions").ask().await.refusal(401, "invalid_api_key");
    let admin = server.sign_in(crate::support::ADMIN).await;
    let cookie_only = server.get("/v1/models").session(&server, &admin);
    cookie_only.ask().await.refusal(401, "invalid_api_key");

    let (_, secret) = server.plain_key("first call").await;
    let plain = server.chat(&secret, "one two three", false).ask().await;
    assert_eq!(plain.status, 200, "{}", plain.text);
    assert!(plain.header("x-request-id").starts_with("req_"));
    let body = plain.json();
    assert_eq!(body["choices"][0]["message"]["content"], "one two three");
    assert_eq!(body["usage"]["completion_tokens"], 3);

    let streamed = server.chat(&secret, "one two three", true).ask().await;
    assert_eq!(streamed.status, 200);
    assert!(streamed.text.ends_with("data: [DONE]\n\n"), "{}", streamed.text);
    let said: String = events(&streamed.text)
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(said, "one two three");
    assert!(
        !streamed.text.contains("prompt_tokens"),
        "usage is hidden from who didn't ask: {}",
        streamed.text
    );

    for header in ["x-api-key", "api-key"] {
        let models = server.get("/v1/models").header(header, &secret).ask().await.json();
        assert_eq!(models["data"][0]["id"], "echo");
    }
    let unknown = json!({ "model": "gpt-9", "messages": [] });
    let reply = server.post("/v1/chat/completions").bearer_auth(&secret).json(&unknown).ask().await;
    reply.refusal(404, "model_not_found");
    server.get(&format!("/v1/models?key={secret}")).ask().await.refusal(400, "credential_in_url");
}

#[tokio::test]
async fn usage_and_last_use_appear_at_the_key() {
    let place = Place::new();
    let server = place.serve().await;
    let dev = place.user("dev@example.com", "user");
    let key = server
        .key(json!({ "name": "metered", "owner": dev, "user_path": "/team/alpha", "tags": { "team": "alpha" } }))
        .await;
    let path = format!("/admin/api/v1/auth-keys/{}", text(&key["id"]));
    assert_eq!(server.get(&path).master().ask().await.json()["last_used_at"], Value::Null);
    let secret = text(&key["secret"]);
    let plain = server.chat(&secret, "one two three", false).ask().await;
    server.chat(&secret, "four five", true).ask().await;
    server.chat("rk_prod_nobody", "not counted", true).ask().await;

    eventually("the last use is shown", async || {
        let record = server.get(&path).master().ask().await.json();
        record["last_used_at"].as_str().map(|_| ())
    })
    .await;
    let session = server.sign_in("dev@example.com").await;
    let detail = eventually("both requests are shown", async || {
        let call = server.call("keys/read", &json!({ "id": key["id"] })).header("cookie", &session);
        let detail = call.ask().await.json();
        (detail["data"]["last_24h"]["requests"] == 2).then_some(detail)
    })
    .await;
    let data = &detail["data"];
    assert_eq!((&data["last_24h"]["errors"], &data["last_24h"]["output_tokens"]), (&json!(0), &json!(5)));
    assert_eq!(data["daily"].as_array().unwrap().len(), 30);
    assert_eq!(data["daily"][29]["totals"]["requests"], 2);
    let recent = data["recent"].as_array().unwrap();
    let row = recent.iter().find(|row| row["request_id"] == plain.header("x-request-id")).unwrap();
    for (field, value) in [
        ("endpoint", json!("chat.completions")),
        ("model", json!("echo")),
        ("provider", json!("echo")),
        ("user_id", json!(dev)),
        ("user_path", json!("/team/alpha")),
        ("key_tags", json!({ "team": "alpha" })),
        ("streamed", json!(false)),
        ("status", json!(200)),
        ("outcome", json!("completed")),
        ("output_tokens", json!(3)),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    let own = server.call("usage/own", &json!({})).header("cookie", &session).ask().await.json();
    assert_eq!(own["data"]["last_24h"]["requests"], 2);
    assert!(!place.log().contains("one two three"), "no prompt is ever logged");
}

#[tokio::test]
async fn a_key_reaches_what_it_was_given_and_no_more() {
    let place = Place::new().configured(
        "providers:\n  - {name: second, kind: echo, sandbox: false}\n\
         models:\n  - {name: real, targets: [{provider: second, upstream_model: real}]}\n",
    );
    let server = place.serve().await;
    let models = async |secret: &str| -> Vec<String> {
        let list = server.get("/v1/models").bearer_auth(secret).ask().await.json();
        list["data"].as_array().unwrap().iter().map(|model| text(&model["id"])).collect()
    };
    let call = async |secret: &str| {
        let body = json!({ "model": "real", "messages": [{ "role": "user", "content": "x" }] });
        server.post("/v1/chat/completions").bearer_auth(secret).json(&body).ask().await
    };
    let made = async |fields: Value| text(&server.key(fields).await["secret"]);
    let sandbox = made(json!({ "name": "sandbox", "environment": "sandbox" })).await;
    assert!(sandbox.starts_with("rk_sand_"));
    call(&sandbox).await.refusal(403, "sandbox_only");
    assert_eq!(models(&sandbox).await, ["echo"]);
    assert_eq!(server.chat(&sandbox, "x", false).ask().await.status, 200);

    let one = made(json!({ "name": "one provider", "allowed_providers": ["echo"] })).await;
    call(&one).await.refusal(403, "provider_not_allowed");
    assert_eq!(models(&one).await, ["echo"]);

    let none = made(json!({ "name": "no provider", "allowed_providers": [] })).await;
    call(&none).await.refusal(403, "provider_not_allowed");
    server.chat(&none, "x", false).ask().await.refusal(403, "provider_not_allowed");
    assert!(models(&none).await.is_empty());

    let all = made(json!({ "name": "all" })).await;
    assert_eq!(call(&all).await.status, 200);
    assert_eq!(models(&all).await, ["echo", "real"]);

    let limited = made(json!({ "name": "limited", "rate_limits": { "requests_per_minute": 2 } })).await;
    assert_eq!(call(&limited).await.status, 200);
    assert_eq!(call(&limited).await.header("x-ratelimit-remaining-requests"), "0");
    let reply = call(&limited).await;
    reply.refusal(429, "rate_limit_exceeded");
    let wait: u32 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn limits_outlive_a_restart() {
    let place = Place::new();
    let server = place.serve().await;
    let key = server.key(json!({ "name": "limited", "rate_limits": { "requests_per_minute": 1 } })).await;
    let secret = text(&key["secret"]);
    assert_eq!(server.chat(&secret, "x", false).ask().await.status, 200);
    server.kill();
    let server = place.serve().await;
    server.chat(&secret, "x", false).ask().await.refusal(429, "rate_limit_exceeded");
}
