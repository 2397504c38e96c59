//! An Anthropic client's calls, answers and streams.

use super::*;
use crate::sse::Splitter;
use crate::tokens::TokenCounts;
use crate::translate::{BadAnswer, Untranslatable};
use serde_json::{Value, json};

fn translate(body: &Value) -> Result<Value, Untranslatable> {
    let bytes = request(&serde_json::to_vec(body).unwrap(), "gpt-upstream", MaxTokens::default())?;
    Ok(serde_json::from_slice(&bytes).unwrap())
}

/// What a body becomes that has one message of the user and these fields.
fn with(fields: Value) -> Result<Value, Untranslatable> {
    let mut body = json!({"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    translate(&body)
}

/// What the turns of the user and the model become.
fn turns(messages: Value) -> Value {
    with(json!({"messages": messages})).unwrap()["messages"].take()
}

#[test]
fn a_conversation_with_tools_and_images() {
    let ephemeral = json!({"type": "ephemeral"});
    let body = json!({
        "model": "assistant", "max_tokens": 300, "stream": true,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": ephemeral}, {"type": "text", "text": "Use tools."}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "Where is this?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.jpg"}},
                {"type": "document", "title": "map.pdf", "citations": {"enabled": false},
                 "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
                {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "notes"}}
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "redacted_thinking", "data": "x"},
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "toolu_1", "name": "locate", "input": {"lat": 1.5}},
                {"type": "tool_use", "id": "toolu_2", "name": "shot", "input": {}}
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": true, "content": "no such place"},
                {"type": "tool_result", "tool_use_id": "toolu_2", "cache_control": ephemeral, "content": [
                    {"type": "text", "text": "here"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
                ]},
                {"type": "text", "text": "And?"}
            ]}
        ],
        "tools": [
            {"name": "locate", "description": "Finds", "strict": true, "cache_control": ephemeral,
             "input_schema": {"type": "object", "properties": {}}},
            {"type": "custom", "name": "shot", "input_schema": {"type": "object"}}
        ],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "stop_sequences": ["END"], "temperature": 0.7, "top_p": 0.9, "metadata": {"user_id": "u-1"},
        "thinking": {"type": "enabled", "budget_tokens": 5000}, "service_tier": "standard_only"
    });
    let expected = json!({
        "model": "gpt-upstream", "max_completion_tokens": 300, "stream": true,
        "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "Be brief.\n\nUse tools."},
            {"role": "user", "content": [
                {"type": "text", "text": "Where is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.jpg"}},
                {"type": "file", "file": {"filename": "map.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
                {"type": "text", "text": "notes"}
            ]},
            {"role": "assistant", "content": "Let me see.", "tool_calls": [
                {"id": "toolu_1", "type": "function", "function": {"name": "locate", "arguments": "{\"lat\":1.5}"}},
                {"id": "toolu_2", "type": "function", "function": {"name": "shot", "arguments": "{}"}}
            ]},
            {"role": "tool", "tool_call_id": "toolu_1", "content": "Error: no such place"},
            {"role": "tool", "tool_call_id": "toolu_2",
             "content": "here\nThe images of this result are in the next message of the user."},
            {"role": "user", "content": [
                {"type": "text", "text": "Images of the result of the tool call toolu_2:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "text", "text": "And?"}
            ]}
        ],
        "tools": [
            {"type": "function", "function": {"name": "locate", "description": "Finds", "strict": true,
             "parameters": {"type": "object", "properties": {}}}},
            {"type": "function", "function": {"name": "shot", "parameters": {"type": "object"}}}
        ],
        "tool_choice": "required", "parallel_tool_calls": false,
        "stop": ["END"], "temperature": 0.7, "top_p": 0.9, "user": "u-1",
        "reasoning_effort": "medium", "service_tier": "default"
    });
    assert_eq!(translate(&body).unwrap(), expected);
}

#[test]
fn plain_turns_stay_plain() {
    let body = with(
        json!({"tools": [], "tool_choice": {"type": "auto"}, "top_k": null, "service_tier": "auto",
        "thinking": {"type": "disabled"}, "metadata": {}, "stop_sequences": [], "cache_control": {"type": "ephemeral"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}}),
    );
    let expected = json!({"model": "gpt-upstream", "max_completion_tokens": 100,
                          "messages": [{"role": "user", "content": "hi"}]});
    assert_eq!(body.unwrap(), expected);
    let bytes = request(
        br#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}"#,
        "u",
        MaxTokens::MaxTokens,
    );
    let expected = r#"{"model":"u","messages":[{"role":"user","content":"hi"}],"max_tokens":9}"#;
    assert_eq!(String::from_utf8(bytes.unwrap()).unwrap(), expected);
    let thought = json!([{"role": "assistant", "content": [{"type": "thinking", "thinking": "x", "signature": "y"}]},
                         {"role": "assistant", "content": "prefill"}, {"role": "user", "content": [
                         {"type": "tool_result", "tool_use_id": "a"}]}]);
    let expected = json!([{"role": "assistant", "content": "prefill"},
                          {"role": "tool", "tool_call_id": "a", "content": ""}]);
    assert_eq!(turns(thought), expected);
}

#[test]
fn thinking_is_an_effort() {
    for (thinking, config, expected) in [
        (json!({"type": "enabled", "budget_tokens": 1}), json!(null), json!("low")),
        (json!({"type": "enabled", "budget_tokens": 1024}), json!(null), json!("low")),
        (json!({"type": "enabled", "budget_tokens": 2048}), json!({}), json!("medium")),
        (json!({"type": "enabled", "budget_tokens": 8192}), json!(null), json!("high")),
        (json!({"type": "enabled", "budget_tokens": 31_999}), json!(null), json!("high")),
        (json!({"type": "enabled", "budget_tokens": 31_999}), json!({"effort": "low"}), json!("low")),
        (json!({"type": "adaptive", "display": "omitted"}), json!({"effort": "max"}), json!("xhigh")),
        (json!({"type": "adaptive"}), json!(null), json!(null)),
    ] {
        let body = with(json!({"thinking": thinking, "output_config": config})).unwrap();
        assert_eq!(body["reasoning_effort"], expected, "{thinking} {config}");
    }
}

#[test]
fn a_long_user_id_is_shortened_always_alike() {
    let user = |id: &str| with(json!({"metadata": {"user_id": id}})).unwrap()["user"].take();
    let (short, long) = ("u".repeat(64), "u".repeat(65));
    assert_eq!(user(&short), json!(short));
    let shortened = user(&long);
    assert_eq!((shortened.as_str().map(str::len), user(&long)), (Some(32), shortened.clone()));
    assert_ne!(user(&"v".repeat(65)), shortened);
}

#[test]
fn a_schema_for_the_answer() {
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let body = with(json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})).unwrap();
    let expected =
        json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": true}});
    assert_eq!(body["response_format"], expected);
}

#[test]
fn what_would_be_lost_is_refused_by_name() {
    let said = |block: Value| json!({"messages": [{"role": "user", "content": [block]}]});
    let answered = |block: Value| json!({"messages": [{"role": "assistant", "content": [block]}]});
    for (fields, expected) in [
        (json!({"top_k": 5}), "top_k"),
        (json!({"max_tokens": null}), "max_tokens"),
        (json!({"max_tokens": "9"}), "max_tokens"),
        (json!({"container": "c"}), "container"),
        (json!({"mcp_servers": [{"url": "x"}]}), "mcp_servers"),
        (json!({"inference_geo": "eu"}), "inference_geo"),
        (json!({"service_tier": "priority"}), "service_tier"),
        (json!({"stop_sequences": ["1", "2", "3", "4", "5"]}), "stop_sequences"),
        (json!({"metadata": {"x": 1}}), "metadata.x"),
        (json!({"thinking": {"type": "enabled"}}), "thinking.budget_tokens"),
        (json!({"thinking": {"type": "sometimes"}}), "thinking.type"),
        (json!({"output_config": {"effort": "huge"}}), "output_config.effort"),
        (json!({"output_config": {"format": {"type": "xml"}}}), "output_config.format.type"),
        (json!({"output_config": {"x": 1}}), "output_config.x"),
        (
            json!({"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}),
            "context_management.edits[0].type",
        ),
        (json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}), "tools[0].type"),
        (json!({"tools": [{"type": "bash_20250124", "name": "bash"}]}), "tools[0].type"),
        (json!({"tools": [{"name": "f"}]}), "tools[0].input_schema"),
        (json!({"tools": [{"name": "f", "input_schema": {}, "x": 1}]}), "tools[0].x"),
        (json!({"tool_choice": {"type": "any"}}), "tool_choice"),
        (json!({"tool_choice": {"type": "maybe"}}), "tool_choice.type"),
        (json!({"nobody_knows": 1}), "nobody_knows"),
        (json!({"system": [{"type": "image"}]}), "system[0].type"),
        (json!({"messages": [{"role": "robot", "content": "x"}]}), "messages[0].role"),
        (json!({"messages": [{"role": "user", "content": "x", "id": 1}]}), "messages[0].id"),
        (said(json!({"type": "search_result"})), "messages[0].content[0].type"),
        (said(json!({"type": "text"})), "messages[0].content[0].text"),
        (said(json!({"type": "text", "text": "x", "y": 1})), "messages[0].content[0].y"),
        (
            said(json!({"type": "image", "source": {"type": "file", "file_id": "f"}})),
            "messages[0].content[0].source.type",
        ),
        (
            said(
                json!({"type": "document", "source": {"type": "url", "media_type": "x", "url": "https://x"}}),
            ),
            "messages[0].content[0].source.type",
        ),
        (
            said(json!({"type": "document", "citations": {"enabled": true}})),
            "messages[0].content[0].citations.enabled",
        ),
        (said(json!({"type": "document", "context": "c"})), "messages[0].content[0].context"),
        (said(json!({"type": "tool_result"})), "messages[0].content[0].tool_use_id"),
        (
            said(json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "document"}]})),
            "messages[0].content[0].content[0].type",
        ),
        (answered(json!({"type": "server_tool_use"})), "messages[0].content[0].type"),
        (
            answered(json!({"type": "tool_use", "id": "a", "name": "f", "input": "x"})),
            "messages[0].content[0].input",
        ),
    ] {
        let shown = fields.to_string();
        assert_eq!(with(fields).unwrap_err().field, expected, "{shown}");
    }
}

fn answered(json: &Value) -> Result<Value, BadAnswer> {
    let bytes = answer(&serde_json::to_vec(json).unwrap(), "assistant", "msg_1")?;
    Ok(serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn an_answer_with_tools() {
    let incoming = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-x", "service_tier": "default",
        "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "Let me see.", "refusal": null, "annotations": [], "reasoning_content": "hm",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": [1, 2]}"}},
                {"id": "call_2", "type": "function", "function": {"name": "g", "arguments": ""}}
            ]}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107,
                  "prompt_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 6},
                  "completion_tokens_details": {"reasoning_tokens": 2}}
    });
    let expected = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "assistant",
        "content": [
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "call_1", "name": "f", "input": {"a": [1, 2]}},
            {"type": "tool_use", "id": "call_2", "name": "g", "input": {}}
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 4, "cache_creation_input_tokens": 6, "cache_read_input_tokens": 90,
                  "output_tokens": 7, "output_tokens_details": {"thinking_tokens": 2}}
    });
    assert_eq!(answered(&incoming).unwrap(), expected);
}

#[test]
fn why_an_answer_ended() {
    let call = json!([{"id": "a", "function": {"name": "f"}}]);
    for (reason, message, expected) in [
        (json!("stop"), json!({"content": "x"}), "end_turn"),
        (json!("length"), json!({"content": "x"}), "max_tokens"),
        (json!("content_filter"), json!({"content": null}), "refusal"),
        (json!("stop"), json!({"refusal": "I can't."}), "refusal"),
        (json!("stop"), json!({"tool_calls": call}), "tool_use"),
        (json!("tool_calls"), json!({"tool_calls": call}), "tool_use"),
        (json!(null), json!({}), "end_turn"),
    ] {
        let incoming = json!({"choices": [{"finish_reason": reason, "message": message}]});
        assert_eq!(answered(&incoming).unwrap()["stop_reason"], expected, "{message}");
    }
}

#[test]
fn answers_that_are_none() {
    let upstream = json!({"error": {"type": "server_error", "message": "no"}});
    let expected = BadAnswer::Upstream { kind: "server_error".to_owned(), message: "no".to_owned() };
    assert_eq!(answered(&upstream), Err(expected));
    for bad in [
        json!({}),
        json!([]),
        json!({"choices": []}),
        json!({"choices": null}),
        json!({"choices": [{}]}),
        json!({"choices": [{"message": {"content": 7}}]}),
        json!({"choices": [{"message": {"function_call": {"name": "f"}}}]}),
        json!({"choices": [{"message": {"tool_calls": [{"function": {"name": "f"}}]}}]}),
        json!({"choices": [{"message": {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{\"a"}}]}}]}),
        json!({"choices": [{"message": {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "[]"}}]}}]}),
    ] {
        assert!(matches!(answered(&bad), Err(BadAnswer::Unreadable { .. })), "{bad}");
    }
}

fn chunk(delta: Value, finish_reason: Value) -> String {
    json!({"id": "c", "object": "chat.completion.chunk", "usage": null,
           "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})
    .to_string()
}

fn stream() -> Vec<String> {
    let call = |call: Value| chunk(json!({"tool_calls": [call]}), json!(null));
    vec![
        chunk(json!({"role": "assistant", "content": ""}), json!(null)),
        chunk(json!({"reasoning_content": "hm"}), json!(null)),
        chunk(json!({"content": "Hel"}), json!(null)),
        chunk(json!({"content": "lo"}), json!(null)),
        call(
            json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}}),
        ),
        call(json!({"index": 0, "function": {"arguments": "{\"a\""}})),
        call(json!({"index": 0, "function": {"arguments": ":1}"}})),
        call(
            json!({"index": 1, "id": "call_2", "type": "function", "function": {"name": "g", "arguments": "{}"}}),
        ),
        chunk(json!({}), json!("tool_calls")),
        json!({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 9,
               "prompt_tokens_details": {"cached_tokens": 20}}})
        .to_string(),
        "[DONE]".to_owned(),
    ]
}

/// The events that chunks become, and how the translation ended.
fn run(chunks: &[String]) -> (Result<(), BadAnswer>, Vec<Value>, Events) {
    let mut events = Events::new("assistant", "msg_1", 12);
    let mut out = Vec::new();
    let result = chunks.iter().try_for_each(|chunk| events.push(chunk.as_bytes(), &mut out));
    events.finish(&mut out).unwrap();
    let mut splitter = Splitter::new();
    splitter.push(&out);
    let mut told = Vec::new();
    while let Some(event) = splitter.next().unwrap() {
        let data: Value = serde_json::from_slice(&event.data).unwrap();
        assert_eq!(event.name, data["type"].as_str().map(str::as_bytes));
        told.push(data);
    }
    (result, told, events)
}

#[test]
fn a_stream_with_parallel_tools() {
    let (result, told, events) = run(&stream());
    result.unwrap();
    let usage = |input: u64, cached: u64, output: u64| {
        json!({"input_tokens": input, "cache_creation_input_tokens": 0, "cache_read_input_tokens": cached,
               "output_tokens": output, "output_tokens_details": {"thinking_tokens": 0}})
    };
    let delta =
        |index: u64, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: u64| json!({"type": "content_block_stop", "index": index});
    let start = |index: u64, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let expected = vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
               "model": "assistant", "content": [], "stop_reason": null, "stop_sequence": null,
               "usage": usage(12, 0, 0)}}),
        start(0, json!({"type": "text", "text": ""})),
        delta(0, json!({"type": "text_delta", "text": "Hel"})),
        delta(0, json!({"type": "text_delta", "text": "lo"})),
        stop(0),
        start(1, json!({"type": "tool_use", "id": "call_1", "name": "f", "input": {}})),
        delta(1, json!({"type": "input_json_delta", "partial_json": "{\"a\""})),
        delta(1, json!({"type": "input_json_delta", "partial_json": ":1}"})),
        stop(1),
        start(2, json!({"type": "tool_use", "id": "call_2", "name": "g", "input": {}})),
        delta(2, json!({"type": "input_json_delta", "partial_json": "{}"})),
        stop(2),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
               "usage": usage(10, 20, 9)}),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(told, expected);
    let counts = TokenCounts { input: 30, cached_input: 20, output: 9, ..TokenCounts::default() };
    assert_eq!((events.usage(), events.is_done()), (Some(counts), true));
}

#[test]
fn calls_without_numbers_are_told_apart() {
    let call = |id: &str| {
        chunk(json!({"tool_calls": [{"id": id, "function": {"name": "f", "arguments": "{}"}}]}), json!(null))
    };
    let (result, told, events) = run(&[call("a"), call("b"), chunk(json!({}), json!("stop"))]);
    result.unwrap();
    let starts = told.iter().filter(|event| event["type"] == "content_block_start");
    assert_eq!(starts.map(|event| &event["content_block"]["id"]).collect::<Vec<_>>(), ["a", "b"]);
    // No usage came: what passed is estimated.
    assert_eq!(events.usage(), None);
    let last = &told[told.len() - 2];
    assert_eq!(
        (&last["usage"]["output_tokens"], &last["delta"]["stop_reason"]),
        (&json!(1), &json!("tool_use"))
    );
}

#[test]
fn a_stream_that_breaks_off_is_not_finished() {
    let told =
        |chunks: &[String]| run(chunks).1.last().map(|event| event["type"].clone()).unwrap_or_default();
    assert_eq!(told(&stream()[..6]), "content_block_delta");
    assert_eq!(told(&stream()[..9]), "message_stop");
    let error = r#"{"error":{"type":"server_error","message":"no"}}"#.to_owned();
    let (result, told, events) = run(&[stream()[2].clone(), error]);
    assert!(matches!(result, Err(BadAnswer::Upstream { .. })) && events.is_done());
    assert_eq!(told.len(), 3);
    let call = |call: Value| chunk(json!({"tool_calls": [call]}), json!(null));
    for bad in [
        String::new(),
        "{\"choices\":7}".to_owned(),
        call(json!({"index": 2, "function": {"arguments": "{}"}})),
        call(json!({"index": 0, "function": {"arguments": "late"}})),
        call(json!({"index": -1})),
        chunk(json!({"function_call": {"name": "f"}}), json!(null)),
    ] {
        let (result, ..) = run(&[&stream()[..8], std::slice::from_ref(&bad)].concat());
        assert!(matches!(result, Err(BadAnswer::Unreadable { .. })), "{bad}");
    }
}
