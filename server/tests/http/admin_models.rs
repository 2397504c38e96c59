//! `/admin/api/v1/models`: making, changing and removing models, and who may call them.

use crate::client::{Ask, Reply};
use crate::support::{Place, Server, text};
use reqwest::Method;
use serde_json::{Value, json};

const MODELS: &str = "/admin/api/v1/models";

async fn create(server: &Server, body: &Value) -> Reply {
    server.post(MODELS).master().json(body).ask().await
}

async fn patch(server: &Server, name: &str, body: &Value) -> Reply {
    server.request(Method::PATCH, &format!("{MODELS}/{name}")).master().json(body).ask().await
}

fn echoing(name: &str) -> Value {
    json!({ "name": name, "targets": [{ "provider": "echo", "upstream_model": "echo" }] })
}

async fn listed(server: &Server, secret: &str) -> Vec<String> {
    let body = server.get("/v1/models").bearer_auth(secret).ask().await.json();
    body["data"].as_array().unwrap().iter().map(|model| text(&model["id"])).collect()
}

#[tokio::test]
async fn strangers_and_the_wrong_roles_get_nowhere() {
    let place = Place::new();
    let server = place.serve().await;
    server.get(MODELS).ask().await.problem(401, "unauthenticated");
    let anonymous = server.post(MODELS).header("origin", &server.origin).json(&echoing("m"));
    anonymous.ask().await.problem(401, "unauthenticated");
    place.user("providers@example.com", "provider_admin");
    let session = server.sign_in("providers@example.com").await;
    let call = server.post(MODELS).session(&server, &session).json(&echoing("m"));
    call.ask().await.problem(403, "forbidden");
    assert_eq!(server.get(&format!("{MODELS}/echo")).session(&server, &session).ask().await.status, 200);
    place.user("dev@example.com", "user");
    let session = server.sign_in("dev@example.com").await;
    for path in ["", "/echo", "/nobody", "/echo/callers", "/nobody/callers"] {
        let reply = server.get(&format!("{MODELS}{path}")).session(&server, &session).ask().await;
        reply.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_model_is_there_at_once_and_gone_at_once() {
    let place = Place::new();
    let server = place.serve().await;
    let (_, secret) = server.plain_key("caller").await;
    let new = json!({
        "name": "meta-llama/Llama-3.1-8B:free",
        "targets": [{ "provider": "echo", "upstream_model": "echo" }],
        "labels": ["eu", "cheap"],
        "prices": { "input_per_million_usd": 0.15, "output_per_million_usd": "0.6" },
        "max_output_tokens": 4096,
    });
    let made = create(&server, &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = made.json();
    assert_eq!(body["targets"][0], json!({ "provider": "echo", "upstream_model": "echo", "weight": 1 }));
    assert_eq!(body["prices"]["input_per_million_usd"], "0.15");
    assert_eq!((&body["context_length"], &body["from_configuration"]), (&Value::Null, &json!(false)));
    create(&server, &new).await.problem(409, "model_exists");
    assert_eq!(listed(&server, &secret).await, ["echo", "meta-llama/Llama-3.1-8B:free"]);
    let call = json!({ "model": new["name"], "messages": [{ "role": "user", "content": "hello" }] });
    let ask = async || server.post("/v1/chat/completions").bearer_auth(&secret).json(&call).ask().await;
    assert_eq!(ask().await.status, 200);

    // One segment of the path, whatever is in it.
    for path in ["meta-llama%2FLlama-3.1-8B:free", "meta-llama%2fLlama-3%2e1-8B%3Afree"] {
        let read = server.get(&format!("{MODELS}/{path}")).master().ask().await;
        assert_eq!(read.status, 200, "{}", read.text);
        let mut expected = body.clone();
        let closed = json!({ "provider": "echo", "upstream_model": "echo", "breaker": "closed", "failures": 0, "retry_in_seconds": null });
        expected["health"] = json!([closed]);
        assert_eq!(read.json(), expected);
    }
    server
        .get(&format!("{MODELS}/meta-llama/Llama-3.1-8B:free"))
        .master()
        .ask()
        .await
        .problem(404, "not_found");
    let path = "meta-llama%2FLlama-3.1-8B:free";
    let changed = patch(&server, path, &json!({ "labels": ["us"], "max_output_tokens": null })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!((&changed["labels"], &changed["max_output_tokens"]), (&json!(["us"]), &Value::Null));
    assert_eq!(
        (&changed["targets"], &changed["prices"]),
        (&body["targets"], &body["prices"]),
        "left out: stays"
    );
    let before = place.counts().await;
    assert_eq!(patch(&server, path, &json!({})).await.json(), changed);
    assert_eq!(place.counts().await, before, "nothing changed, so nothing is written down");

    assert_eq!(server.delete(&format!("{MODELS}/{path}")).master().ask().await.status, 204);
    assert_eq!(listed(&server, &secret).await, ["echo"]);
    ask().await.refusal(404, "model_not_found");
    let actions: Vec<String> = place
        .column("SELECT action || ' ' || target_id FROM audit_log WHERE target_type = 'model' ORDER BY seq")
        .await;
    assert_eq!(
        actions,
        ["create", "update", "delete"].map(|verb| format!("model.{verb} meta-llama/Llama-3.1-8B:free"))
    );
}

#[tokio::test]
async fn fields_that_cannot_be_taken_are_named_and_nothing_happens() {
    let place = Place::new();
    let server = place.serve().await;
    assert_eq!(create(&server, &echoing("m")).await.status, 201);
    let before = place.counts().await;
    let target = |fields: Value| {
        let mut target = json!({ "provider": "echo", "upstream_model": "echo" });
        target.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!([target])
    };
    for (field, value) in [
        ("from_configuration", json!(true)),
        ("health", json!([])),
        ("id", json!("m")),
        ("base_url", json!("https://evil.example")),
        ("api_key", json!("x")),
        ("__proto__", json!({})),
        ("targets", json!([])),
        ("targets", json!("echo")),
        ("targets[0].provider", target(json!({ "provider": "nobody" }))),
        ("targets[0].provider", target(json!({ "provider": "no body" }))),
        ("targets[0].upstream_model", target(json!({ "upstream_model": "" }))),
        ("targets[0].upstream_model", target(json!({ "upstream_model": "a\nb" }))),
        ("targets[0].weight", target(json!({ "weight": 0 }))),
        ("targets[0].base_url", target(json!({ "base_url": "https://evil.example" }))),
        ("labels[0]", json!(["a b"])),
        ("prices.input_per_million_usd", json!({ "input_per_million_usd": -1 })),
        ("prices.input_per_million_eur", json!({ "input_per_million_eur": 1 })),
        ("max_output_tokens", json!(0)),
        ("context_length", json!(1.5)),
    ] {
        let top = field.split(['.', '[']).next().unwrap();
        let mut body = echoing("q");
        body[top] = value.clone();
        assert_eq!(create(&server, &body).await.wrong_fields(), [field], "{body}");
        let change = json!({ top: value });
        assert_eq!(patch(&server, "m", &change).await.wrong_fields(), [field], "{change}");
    }
    for name in ["", "a b", "/x", "a?b", "a\u{0}", "-x"] {
        assert_eq!(create(&server, &echoing(name)).await.wrong_fields(), ["name"], "{name:?}");
    }
    assert_eq!(patch(&server, "m", &json!({ "name": "q" })).await.wrong_fields(), ["name"]);
    assert_eq!(place.counts().await, before);
    for name in ["nobody", "%00", "%ff", "..%2fm", "m%20", "m%3fx"] {
        patch(&server, name, &json!({})).await.problem(404, "not_found");
        server.get(&format!("{MODELS}/{name}/callers")).master().ask().await.problem(404, "not_found");
    }
    create(&server, &echoing("echo")).await.problem(409, "model_exists");
    for reply in [
        patch(&server, "echo", &json!({ "labels": [] })).await,
        server.delete(&format!("{MODELS}/echo")).master().ask().await,
    ] {
        let body = reply.problem(409, "from_configuration");
        assert!(body["detail"].as_str().unwrap().contains("gatehouse.yaml"), "{body}");
    }
}

#[tokio::test]
async fn who_may_call_is_told_as_far_as_one_may_see() {
    let place = Place::new();
    let server = place.serve().await;
    server.key(json!({ "name": "all" })).await;
    server.key(json!({ "name": "team", "user_path": "/team/a" })).await;
    server.key(json!({ "name": "none", "allowed_providers": [] })).await;
    let scope = json!({ "type": "user_path", "value": "/team" });
    server.make("/access-rules", json!({ "scope": scope, "denied_models": ["echo"] })).await;
    let path = format!("{MODELS}/echo/callers");
    let all = server.get(&path).master().ask().await.json();
    assert_eq!(all["own_bounds_permit"], json!({ "count": 2, "capped": false }));
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!((&all["items"][0]["name"], &all["items"][0]["providers"]), (&json!("all"), &json!(["echo"])));
    assert_eq!((&all["rules"][0]["rule"]["scope"], &all["rules"][0]["providers"]), (&scope, &json!([])));
    assert_eq!((&all["withheld"], &all["next_cursor"]), (&json!([]), &Value::Null));
    place.user("models@example.com", "model_admin");
    let session = server.sign_in("models@example.com").await;
    let some = server.get(&path).session(&server, &session).ask().await.json();
    assert_eq!((&some["items"], &some["rules"]), (&json!([]), &json!([])));
    assert_eq!(some["withheld"], json!(["keys:read", "access_rules:read"]));
    for (query, field) in [("cursor=x", "cursor"), ("limit=201", "limit"), ("q=x", "q")] {
        assert_eq!(server.get(&format!("{path}?{query}")).master().ask().await.wrong_fields(), [field]);
    }
}
