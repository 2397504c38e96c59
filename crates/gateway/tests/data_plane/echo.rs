//! The built-in provider over every endpoint that it has, in the shapes that official SDKs parse.

use crate::support::{Reply, World, echo, model, until};
use model::catalog::ProviderOptions;
use model::usage::{Outcome, TokenSource, UsageRow};
use serde_json::{Value, json};

const COMPLETIONS: &str = "/v1/completions";
const RESPONSES: &str = "/v1/responses";
const EMBEDDINGS: &str = "/v1/embeddings";
const MESSAGES: &str = "/v1/messages";
const COUNT_TOKENS: &str = "/v1/messages/count_tokens";
const MODERATIONS: &str = "/v1/moderations";

/// Each endpoint with what it may be asked.
fn asked() -> [(&'static str, Value); 7] {
    let hello = json!([{"role": "user", "content": "one two three"}]);
    [
        ("/v1/chat/completions", json!({"messages": hello})),
        (COMPLETIONS, json!({"prompt": "one two three"})),
        (RESPONSES, json!({"input": "one two three"})),
        (EMBEDDINGS, json!({"input": ["one", "two", "three"]})),
        (MESSAGES, json!({"max_tokens": 9, "messages": hello})),
        (COUNT_TOKENS, json!({"messages": hello})),
        (MODERATIONS, json!({"input": ["one", "two", "three"]})),
    ]
}

async fn ask(world: &World, key: &str, path: &str, mut body: Value) -> Reply {
    body["model"] = "echo".into();
    world.call("POST", path, &[("x-api-key", key)], &body.to_string()).await
}

/// The data of a stream's events.
fn events(reply: &Reply) -> Vec<Value> {
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let data = reply.body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

/// What the ledger has of an answer.
async fn row(world: &World, reply: &Reply) -> UsageRow {
    let id = reply.headers["x-request-id"].to_str().unwrap();
    let find = || world.ledger.rows.lock().unwrap().iter().find(|row| row.request_id.as_str() == id).cloned();
    until("the row", || find().is_some()).await;
    find().unwrap()
}

#[tokio::test]
async fn completions() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let json = ask(&world, &key, COMPLETIONS, json!({"prompt": "a b c", "max_tokens": 2})).await.json();
    assert_eq!(json["object"], "text_completion");
    assert_eq!(
        json["choices"],
        json!([{"text": "a b", "index": 0, "logprobs": null, "finish_reason": "length"}])
    );
    assert_eq!(json["usage"], json!({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}));
    for (prompt, text) in [
        (json!(["a b", "c"]), "a b c"),
        (json!([15496, 11]), "15496 11"),
        (json!([[1, 2], [3]]), "1 2 3"),
        (json!(""), ""),
    ] {
        let json = ask(&world, &key, COMPLETIONS, json!({"prompt": prompt})).await.json();
        assert_eq!(
            (&json["choices"][0]["text"], &json["choices"][0]["finish_reason"]),
            (&text.into(), &"stop".into())
        );
    }
    let silent = ask(&world, &key, COMPLETIONS, json!({"prompt": "a b", "stream": true})).await;
    assert!(silent.body.ends_with("data: [DONE]\n\n") && !silent.body.contains("prompt_tokens"));
    let wants = json!({"prompt": "a b", "stream": true, "stream_options": {"include_usage": true}});
    let reply = ask(&world, &key, COMPLETIONS, wants).await;
    let told = events(&reply);
    let texts: Vec<_> = told.iter().map(|event| event["choices"][0]["text"].as_str()).collect();
    assert_eq!(texts, [Some("a"), Some(" b"), Some(""), None]);
    assert!(told.iter().all(|event| event["object"] == "text_completion" && event["id"] == told[0]["id"]));
    assert_eq!(told[2]["choices"][0]["finish_reason"], "stop");
    assert_eq!((&told[3]["choices"], &told[3]["usage"]["total_tokens"]), (&json!([]), &json!(4)));
    let row = row(&world, &reply).await;
    assert_eq!((row.input_tokens, row.output_tokens, row.token_source), (2, 2, TokenSource::Reported));
}

#[tokio::test]
async fn responses() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let items = json!([
        {"role": "user", "content": "before"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "yes"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "one"}, {"type": "input_text", "text": "two three"}]},
        {"type": "function_call_output", "call_id": "call_1", "output": "4"},
    ]);
    let body = json!({"input": items, "instructions": "be brief", "max_output_tokens": 2});
    let json = ask(&world, &key, RESPONSES, body.clone()).await.json();
    assert_eq!((&json["object"], &json["status"]), (&"response".into(), &"incomplete".into()));
    assert_eq!(json["incomplete_details"], json!({"reason": "max_output_tokens"}));
    let message = &json["output"][0];
    assert_eq!((&message["type"], &message["role"]), (&"message".into(), &"assistant".into()));
    assert_eq!(
        message["content"],
        json!([{"type": "output_text", "text": "one two", "annotations": [], "logprobs": []}])
    );
    assert_eq!((&json["usage"]["input_tokens"], &json["usage"]["output_tokens"]), (&json!(7), &json!(2)));

    let streamed = ask(&world, &key, RESPONSES, json!({"input": "one two", "stream": true})).await;
    assert!(!streamed.body.contains("[DONE]"));
    let told = events(&streamed);
    let names: Vec<_> = streamed.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    assert!(told.iter().zip(&names).all(|(event, name)| event["type"] == **name));
    let item = &told[2]["item"]["id"];
    assert!(told[3..8].iter().all(|event| event["item_id"] == *item && event["content_index"] == 0));
    assert_eq!((&told[4]["delta"], &told[5]["delta"]), (&"one".into(), &" two".into()));
    assert_eq!(told[6]["text"], "one two");
    let whole = &told[9]["response"];
    assert_eq!((&whole["id"], &whole["status"]), (&told[0]["response"]["id"], &"completed".into()));
    assert_eq!((&whole["output"][0], &whole["output"][0]["id"]), (&told[8]["item"], item));
    let row = row(&world, &streamed).await;
    assert_eq!((row.input_tokens, row.output_tokens, row.token_source), (2, 2, TokenSource::Reported));
}

#[tokio::test]
async fn embeddings() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let body =
        json!({"input": ["a b", "c", "a b"], "dimensions": 4, "encoding_format": "float", "stream": true});
    let reply = ask(&world, &key, EMBEDDINGS, body).await;
    assert_eq!(reply.headers["content-type"], "application/json");
    let json = reply.json();
    assert_eq!((&json["object"], &json["model"]), (&"list".into(), &"echo".into()));
    assert_eq!(json["usage"], json!({"prompt_tokens": 5, "total_tokens": 5}));
    let [first, other, again] = [0, 1, 2].map(|at| &json["data"][at]);
    assert_eq!(
        (&first["object"], &first["index"], &other["index"]),
        (&"embedding".into(), &json!(0), &json!(1))
    );
    assert_eq!(first["embedding"], again["embedding"]);
    assert_ne!(first["embedding"], other["embedding"]);
    assert_eq!(first["embedding"].as_array().unwrap().len(), 4);
    let packed =
        ask(&world, &key, EMBEDDINGS, json!({"input": "a b", "encoding_format": "base64"})).await.json();
    // 16 numbers of 4 bytes.
    assert_eq!(packed["data"][0]["embedding"].as_str().unwrap().len(), 88);
    for input in [json!([1, 2, 3]), json!([[1, 2, 3]])] {
        let json = ask(&world, &key, EMBEDDINGS, json!({"input": input})).await.json();
        assert_eq!((json["data"].as_array().unwrap().len(), &json["usage"]["prompt_tokens"]), (1, &json!(3)));
    }
    let rows = world.rows(4).await;
    let mut tokens: Vec<_> = rows.iter().map(|row| (row.input_tokens, row.output_tokens)).collect();
    tokens.sort_unstable();
    assert_eq!(tokens, [(2, 0), (3, 0), (3, 0), (5, 0)]);
    assert!(rows.iter().all(|row| row.token_source == TokenSource::Reported));
}

#[tokio::test]
async fn counts_and_moderations() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let body = json!({
        "system": [{"type": "text", "text": "be brief"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "a b"}]}, {"role": "assistant", "content": "c"}],
    });
    let reply = ask(&world, &key, COUNT_TOKENS, body).await;
    assert_eq!(reply.json(), json!({"input_tokens": 5}));
    let row = row(&world, &reply).await;
    assert_eq!((row.input_tokens, row.output_tokens), (0, 0), "counting costs nothing");
    let parts = json!([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:,"}}]);
    for (input, count) in [(json!("a"), 1), (json!(["a", "b"]), 2), (parts, 1)] {
        let json = ask(&world, &key, MODERATIONS, json!({"input": input})).await.json();
        let results = json["results"].as_array().unwrap();
        assert_eq!(results.len(), count);
        for result in results {
            assert_eq!(result["flagged"], false);
            let categories = result["categories"].as_object().unwrap();
            assert!(categories.len() == 13 && categories.values().all(|flagged| flagged == false));
            for named in ["category_scores", "category_applied_input_types"] {
                assert!(categories.keys().eq(result[named].as_object().unwrap().keys()), "{named}");
            }
        }
    }
}

#[tokio::test]
async fn messages_by_translation() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let body = json!({"max_tokens": 9, "messages": [{"role": "user", "content": "one two"}]});
    let json = ask(&world, &key, MESSAGES, body.clone()).await.json();
    assert_eq!((&json["type"], &json["content"][0]["text"]), (&"message".into(), &"one two".into()));
    let mut streamed = body;
    streamed["stream"] = true.into();
    let reply = ask(&world, &key, MESSAGES, streamed).await;
    let told = events(&reply);
    assert_eq!(
        (&told[0]["type"], &told.last().unwrap()["type"]),
        (&"message_start".into(), &"message_stop".into())
    );
    let text: String = told.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    assert_eq!(text, "one two");
}

#[tokio::test]
async fn what_can_not_be_read_is_400_in_the_endpoint_s_dialect() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    for (path, body) in [
        ("/v1/chat/completions", json!({"messages": [1]})),
        (COMPLETIONS, json!({"prompt": {"a": 1}, "stream": true})),
        (RESPONSES, json!({"input": 7})),
        (EMBEDDINGS, json!({"input": "a", "dimensions": 5_000})),
        (COUNT_TOKENS, json!({"messages": [1]})),
        (MODERATIONS, json!({"input": {}})),
    ] {
        let reply = ask(&world, &key, path, body).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (400, "invalid_request_error"), "{path}");
        let json = reply.json();
        assert_eq!(json["type"].as_str(), (path == COUNT_TOKENS).then_some("error"), "{path}");
        assert_eq!(json["error"]["type"], "invalid_request_error", "{path}");
    }
    assert!(world.rows(6).await.iter().all(|row| row.status == 400 && row.input_tokens == 0));
}

#[tokio::test]
async fn every_endpoint_fails_as_told() {
    let world = World::new().await;
    let (key, _) = world.plain_key();
    let with = |options: ProviderOptions| {
        world.catalog(vec![echo("echo", options)], vec![model("echo", &[("echo", "e")])]);
    };
    let mut count = 0;
    for (path, mut body) in asked() {
        with(ProviderOptions { fail_status: 429, ..ProviderOptions::default() });
        assert_eq!(ask(&world, &key, path, body.clone()).await.status, 429, "{path}");
        let after = if path == COUNT_TOKENS || path == MODERATIONS { 1 } else { 2 };
        with(ProviderOptions { fail_after_chunks: after, ..ProviderOptions::default() });
        let reply = ask(&world, &key, path, body.clone()).await;
        assert_eq!((reply.status.as_u16(), &*reply.code()), (502, "upstream_error"), "{path}");
        body["stream"] = true.into();
        let reply = ask(&world, &key, path, body).await;
        assert!(reply.whole && reply.body.contains("upstream_error"), "{path}: {}", reply.body);
        let text = path != COUNT_TOKENS && path != MODERATIONS && path != EMBEDDINGS;
        assert_eq!((reply.status == 200, reply.body.contains("two")), (text, text), "{path}: {}", reply.body);
        assert!(!reply.body.contains("three"), "{path}: {}", reply.body);
        count += 3;
    }
    assert!(world.rows(count).await.iter().all(|row| row.outcome == Outcome::UpstreamError));
}
