//! There and back again, and bodies that mean harm.

use super::messages_to_chat::MaxTokens;
use super::{Untranslatable, chat_to_messages, messages_to_chat};
use crate::sse::Splitter;
use serde_json::{Value, json};

fn to_messages(body: &[u8]) -> Result<Vec<u8>, Untranslatable> {
    chat_to_messages::request(body, "m", 100)
}

fn to_chat(body: &[u8]) -> Result<Vec<u8>, Untranslatable> {
    messages_to_chat::request(body, "m", MaxTokens::MaxCompletionTokens)
}

#[test]
fn a_conversation_means_the_same_after_a_round_trip() {
    let chat = json!({
        "model": "m", "max_completion_tokens": 5000, "temperature": 1.0, "stop": ["a", "b"], "user": "u",
        "reasoning_effort": "medium", "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What's this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}
            ]},
            {"role": "assistant", "content": "One moment.", "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":\"\\u00e9\\n\"}"}},
                {"id": "call_2", "type": "function", "function": {"name": "g", "arguments": "{}"}}
            ]},
            {"role": "tool", "tool_call_id": "call_1", "content": "one"},
            {"role": "tool", "tool_call_id": "call_2", "content": "two"},
            {"role": "assistant", "content": "It is \"x\"."},
            {"role": "user", "content": "Sure?"}
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "d", "strict": true,
                   "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}}}],
        "tool_choice": "auto", "parallel_tool_calls": false,
        "response_format": {"type": "json_schema",
                            "json_schema": {"name": "answer", "strict": true, "schema": {"type": "object"}}}
    });
    let messages = to_messages(&serde_json::to_vec(&chat).unwrap()).unwrap();
    let back: Value = serde_json::from_slice(&to_chat(&messages).unwrap()).unwrap();
    assert_eq!(back, chat);
}

#[test]
fn a_stream_means_the_same_after_a_round_trip() {
    let chunk = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason});
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice],
               "usage": null})
    };
    let call = |call: Value| chunk(json!({"tool_calls": [call]}), json!(null));
    let chunks = [
        chunk(json!({"role": "assistant", "content": ""}), json!(null)),
        chunk(json!({"content": "Hi\u{e9}\n"}), json!(null)),
        call(json!({"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}})),
        call(json!({"index": 0, "function": {"arguments": "{\"x\":"}})),
        call(json!({"index": 0, "function": {"arguments": "1}"}})),
        call(json!({"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}})),
        call(json!({"index": 1, "function": {"arguments": "{}"}})),
        chunk(json!({}), json!("tool_calls")),
        json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
               "usage": {"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39,
                         "prompt_tokens_details": {"cached_tokens": 20, "cache_write_tokens": 0},
                         "completion_tokens_details": {"reasoning_tokens": 0}}}),
    ];
    let mut there = messages_to_chat::Events::new("m", "msg", 0);
    let mut events = Vec::new();
    for chunk in &chunks {
        there.push(chunk.to_string().as_bytes(), &mut events).unwrap();
    }
    there.push(b"[DONE]", &mut events).unwrap();

    let mut back = chat_to_messages::Events::new("m", "c", 1, true);
    let (mut splitter, mut out) = (Splitter::new(), Vec::new());
    // One byte at a time, as a slow network would.
    for byte in events {
        splitter.push(&[byte]);
        while let Some(event) = splitter.next().unwrap() {
            back.push(&event.data, &mut out).unwrap();
        }
    }
    let told: Vec<Value> = std::str::from_utf8(&out)
        .unwrap()
        .split_terminator("\n\n")
        .map(|event| event.strip_prefix("data: ").unwrap())
        .map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data)))
        .collect();
    assert_eq!(told, [&chunks[..], &[json!("[DONE]")]].concat());
}

#[test]
fn bodies_that_mean_harm_are_refused() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        "{} {}".to_owned(),
        r#"{"model":"m"}"#.to_owned(),
        r#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"max_tokens":2}"#.to_owned(),
        r#"{"max_tokens":1,"messages":[{"role":"user","content":"a"}],"m\u0061x_tokens":2}"#.to_owned(),
        r#"{"max_tokens":1,"messages":[{"role":"user","content":"a","content":"b"}]}"#.to_owned(),
        r#"{"max_tokens":1,"messages":[{"role":"user","content":"\ud800"}]}"#.to_owned(),
        r#"{"max_tokens":1e999,"messages":[{"role":"user","content":"a"}]}"#.to_owned(),
        r#"{"max_tokens":18446744073709551616,"messages":[{"role":"user","content":"a"}]}"#.to_owned(),
        r#"{"max_tokens":1,"temperature":1e999,"messages":[{"role":"user","content":"a"}]}"#.to_owned(),
        r#"{"max_tokens":1,"Messages":[],"messages":[{"role":"user","content":"a"}]}"#.to_owned(),
        format!(r#"{{"max_tokens":1,"messages":{}}}"#, deep("[", "]")),
        format!(r#"{{"max_tokens":1,"messages":[{{"role":"user","content":{}}}]}}"#, deep("[", "]")),
        format!(
            r#"{{"max_tokens":1,"messages":[{{"role":"user","content":"a"}}],"x":{}}}"#,
            deep("{\"a\":", "}")
        ),
        deep("{\"messages\":", "}"),
    ];
    for body in &bodies {
        let shown = &body[..body.len().min(100)];
        assert!(to_messages(body.as_bytes()).is_err() && to_chat(body.as_bytes()).is_err(), "{shown}");
    }
    let invalid = b"{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}";
    assert!(to_messages(invalid).is_err() && to_chat(invalid).is_err());
}

#[test]
fn a_refusal_is_short_whatever_the_body() {
    let body =
        json!({"messages": [{"role": "user", "content": "a"}], "max_tokens": 1, "é".repeat(100_000): 1});
    for refusal in [to_messages(body.to_string().as_bytes()), to_chat(body.to_string().as_bytes())] {
        assert!(refusal.unwrap_err().to_string().len() < 1000);
    }
}

#[test]
fn deep_arguments_pass_as_they_are() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let body = json!({"messages": [{"role": "assistant", "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": deep}}]}]});
    let messages = to_messages(body.to_string().as_bytes()).unwrap();
    assert!(memchr::memmem::find(&messages, deep.as_bytes()).is_some());
    let back = String::from_utf8(to_chat(&messages).unwrap()).unwrap();
    assert!(back.contains(&deep.replace('"', "\\\"")));
}
