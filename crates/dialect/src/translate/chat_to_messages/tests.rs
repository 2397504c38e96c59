//! An OpenAI client's calls, answers and streams.

use super::*;
use crate::tokens::TokenCounts;
use crate::translate::{BadAnswer, Untranslatable};
use serde_json::{Value, json};

fn translate(body: &Value) -> Result<Value, Untranslatable> {
    let bytes = request(&serde_json::to_vec(body).unwrap(), "claude-upstream", 4096)?;
    Ok(serde_json::from_slice(&bytes).unwrap())
}

/// What a body becomes that has one message of the user and these fields.
fn with(fields: Value) -> Result<Value, Untranslatable> {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    translate(&body)
}

fn refused(body: Result<Value, Untranslatable>) -> String {
    let refusal = body.unwrap_err();
    assert!(!refusal.message.is_empty());
    refusal.field
}

const PIXEL: &str = "data:image/png;base64,iVBORw0KGgo=";

#[test]
fn a_conversation_with_tools_and_images() {
    let body = json!({
        "model": "assistant", "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Use tools."}]},
            {"role": "user", "content": [
                {"type": "text", "text": "Where is this? And the weather?"},
                {"type": "image_url", "image_url": {"url": PIXEL, "detail": "high"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.jpg"}},
                {"type": "file", "file": {"filename": "map.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}
            ]},
            {"role": "assistant", "content": null, "refusal": null, "annotations": [], "audio": null,
             "function_call": null, "tool_calls": [
                {"id": "call_1", "type": "function", "index": 0,
                 "function": {"name": "locate", "arguments": "{\"lat\": 1.50}"}},
                {"id": "call_2", "type": "function", "function": {"name": "weather", "arguments": ""}}
            ]},
            {"role": "tool", "tool_call_id": "call_1", "name": "locate", "content": "Paris"},
            {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "sunny"}]},
            {"role": "user", "content": "Thanks. In French?"}
        ],
        "tools": [
            {"type": "function", "function": {"name": "locate", "description": "Finds", "strict": true,
             "parameters": {"type": "object", "properties": {"lat": {"type": "number"}}}}},
            {"type": "function", "function": {"name": "weather"}}
        ],
        "tool_choice": "auto", "parallel_tool_calls": false,
        "max_completion_tokens": 300, "temperature": 0.7, "top_p": 0.9, "stop": "END", "user": "u-1"
    });
    let expected = json!({
        "model": "claude-upstream", "max_tokens": 300, "stream": true,
        "system": [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Use tools."}],
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": "Where is this? And the weather?"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                {"type": "image", "source": {"type": "url", "url": "https://example.com/a.jpg"}},
                {"type": "document", "title": "map.pdf",
                 "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
            ]},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "call_1", "name": "locate", "input": {"lat": 1.5}},
                {"type": "tool_use", "id": "call_2", "name": "weather", "input": {}}
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": [{"type": "text", "text": "Paris"}]},
                {"type": "tool_result", "tool_use_id": "call_2", "content": [{"type": "text", "text": "sunny"}]},
                {"type": "text", "text": "Thanks. In French?"}
            ]}
        ],
        "tools": [
            {"name": "locate", "description": "Finds", "strict": true,
             "input_schema": {"type": "object", "properties": {"lat": {"type": "number"}}}},
            {"name": "weather", "input_schema": {"type": "object", "properties": {}}}
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        "temperature": 0.7, "top_p": 0.9, "stop_sequences": ["END"], "metadata": {"user_id": "u-1"}
    });
    assert_eq!(translate(&body).unwrap(), expected);
}

#[test]
fn values_that_say_nothing_are_dropped() {
    let plain = with(json!({})).unwrap();
    assert_eq!(
        plain,
        json!({"model": "claude-upstream", "max_tokens": 4096,
               "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})
    );
    let noise = json!({
        "n": 1, "presence_penalty": 0, "frequency_penalty": 0.0, "logprobs": false, "top_logprobs": null,
        "store": false, "metadata": {"team": "a"}, "service_tier": "auto", "response_format": {"type": "text"},
        "logit_bias": {}, "modalities": ["text"], "functions": [], "seed": null, "verbosity": "medium",
        "prompt_cache_key": "k", "stream": false, "stream_options": null, "tools": [], "tool_choice": "auto",
        "parallel_tool_calls": true, "reasoning_effort": "none", "stop": null, "nobody_knows": null
    });
    assert_eq!(with(noise).unwrap(), plain);
}

#[test]
fn what_would_be_lost_is_refused_by_name() {
    for (fields, expected) in [
        (json!({"n": 2}), "n"),
        (json!({"n": "1"}), "n"),
        (json!({"logprobs": true}), "logprobs"),
        (json!({"top_logprobs": 3}), "top_logprobs"),
        (json!({"logit_bias": {"50256": -100}}), "logit_bias"),
        (json!({"audio": {"voice": "alloy"}}), "audio"),
        (json!({"modalities": ["text", "audio"]}), "modalities"),
        (json!({"prediction": {"type": "content", "content": "x"}}), "prediction"),
        (json!({"response_format": {"type": "json_object"}}), "response_format.type"),
        (json!({"functions": [{"name": "f"}]}), "functions"),
        (json!({"function_call": "auto"}), "function_call"),
        (json!({"seed": 7}), "seed"),
        (json!({"presence_penalty": 0.1}), "presence_penalty"),
        (json!({"frequency_penalty": -1}), "frequency_penalty"),
        (json!({"web_search_options": {"user_location": {}}}), "web_search_options"),
        (json!({"store": true}), "store"),
        (json!({"service_tier": "flex"}), "service_tier"),
        (json!({"verbosity": "low"}), "verbosity"),
        (json!({"temperature": 1.5}), "temperature"),
        (json!({"temperature": -0.1}), "temperature"),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"top_p": 2}), "top_p"),
        (json!({"max_tokens": -1}), "max_tokens"),
        (json!({"max_tokens": 1, "max_completion_tokens": 2}), "max_tokens"),
        (json!({"max_tokens": 1e30}), "max_tokens"),
        (json!({"user": "a", "safety_identifier": "b"}), "user"),
        (json!({"reasoning_effort": "extreme"}), "reasoning_effort"),
        (json!({"reasoning_effort": "high"}), "reasoning_effort"),
        (json!({"reasoning_effort": "low", "max_tokens": 1024}), "reasoning_effort"),
        (json!({"reasoning_effort": "low", "temperature": 0}), "temperature"),
        (json!({"reasoning_effort": "low", "top_p": 0.5}), "top_p"),
        (json!({"stream_options": {"x": 1}}), "stream_options.x"),
        (json!({"stop": 7}), "stop"),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"tool_choice": "sometimes"}), "tool_choice"),
        (json!({"tool_choice": {"type": "allowed_tools"}}), "tool_choice.type"),
        (json!({"tools": [{"type": "custom", "custom": {"name": "x"}}]}), "tools[0].type"),
        (json!({"tools": [{"type": "function", "function": {}}]}), "tools[0].function.name"),
        (json!({"tools": [{"type": "function", "function": {"name": "f", "x": 1}}]}), "tools[0].function.x"),
        (
            json!({"tools": [{"type": "function", "function": {"name": "f", "parameters": 1}}]}),
            "tools[0].function.parameters",
        ),
        (json!({"models": ["a", "b"]}), "models"),
        (json!({"nobody_knows": 1}), "nobody_knows"),
        (json!({"messages": []}), "messages"),
        (json!({"messages": {}}), "messages"),
        (json!({"messages": [7]}), "messages[0]"),
        (json!({"messages": [{"content": "x"}]}), "messages[0].role"),
        (json!({"messages": [{"role": "robot", "content": "x"}]}), "messages[0].role"),
        (json!({"messages": [{"role": "user", "content": "x", "name": "Ann"}]}), "messages[0].name"),
        (json!({"messages": [{"role": "user", "content": 7}]}), "messages[0].content"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "video"}]}]}),
            "messages[0].content[0].type",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]}),
            "messages[0].content[0].type",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "ftp://x"}}]}]}),
            "messages[0].content[0].image_url.url",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f-1"}}]}]}),
            "messages[0].content[0].file.file_id",
        ),
        (
            json!({"messages": [{"role": "assistant", "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "[1]"}}]}]}),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (json!({"messages": [{"role": "tool", "content": "x"}]}), "messages[0].tool_call_id"),
    ] {
        let shown = fields.to_string();
        assert_eq!(refused(with(fields)), expected, "{shown}");
    }
}

#[test]
fn a_refusal_never_quotes_a_value() {
    let refusal = with(json!({"temperature": "my secret"})).unwrap_err();
    assert!(!refusal.to_string().contains("secret"));
}

#[test]
fn choices_of_tools() {
    let tools = json!([{"type": "function", "function": {"name": "f", "parameters": {}}}]);
    for (choice, parallel, expected) in [
        (json!(null), json!(null), json!(null)),
        (json!("auto"), json!(true), json!({"type": "auto"})),
        (json!("none"), json!(false), json!({"type": "none"})),
        (json!("required"), json!(null), json!({"type": "any"})),
        (json!(null), json!(false), json!({"type": "auto", "disable_parallel_tool_use": true})),
        (
            json!({"type": "function", "function": {"name": "f"}}),
            json!(false),
            json!({"type": "tool", "name": "f", "disable_parallel_tool_use": true}),
        ),
    ] {
        let body = with(json!({"tools": tools, "tool_choice": choice, "parallel_tool_calls": parallel}));
        assert_eq!(body.unwrap()["tool_choice"], expected);
    }
}

#[test]
fn effort_is_a_budget_but_not_in_a_tools_turn() {
    for (effort, budget) in [("low", 1024), ("medium", 2048), ("high", 8192), ("xhigh", 16_384)] {
        let body = with(json!({"reasoning_effort": effort, "max_tokens": budget + 1})).unwrap();
        assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": budget}));
    }
    let body = with(json!({"reasoning_effort": "low", "messages": [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "reasoning_content": "hm",
         "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": ""}
    ]}));
    let body = body.unwrap();
    assert_eq!(body["thinking"], json!(null));
    let result = json!([{"type": "tool_result", "tool_use_id": "a"}]);
    assert_eq!(body["messages"][2]["content"], result);
}

#[test]
fn a_schema_for_the_answer() {
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let format =
        json!({"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": schema}});
    let body = with(json!({"response_format": format})).unwrap();
    assert_eq!(body["output_config"], json!({"format": {"type": "json_schema", "schema": schema}}));
}

fn answered(json: &Value) -> Result<Value, BadAnswer> {
    let bytes = answer(&serde_json::to_vec(json).unwrap(), "assistant", "chatcmpl-1", 1_700_000_000)?;
    Ok(serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn an_answer_with_thinking_and_tools() {
    let incoming = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "Let me ", "citations": null},
            {"type": "text", "text": "see."},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": [1, 2]}}
        ],
        "stop_reason": "tool_use", "stop_sequence": null, "container": null,
        "usage": {"input_tokens": 4, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 6,
                  "output_tokens": 7, "output_tokens_details": {"thinking_tokens": 2}, "service_tier": "standard"}
    });
    let expected = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "assistant",
        "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "Let me see.", "refusal": null, "reasoning_content": "hm",
            "tool_calls": [{"id": "toolu_1", "type": "function",
                            "function": {"name": "f", "arguments": "{\"a\":[1,2]}"}}]
        }}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107,
                  "prompt_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 6},
                  "completion_tokens_details": {"reasoning_tokens": 2}}
    });
    assert_eq!(answered(&incoming).unwrap(), expected);
}

#[test]
fn why_an_answer_ended() {
    for (reason, expected) in [
        (json!("end_turn"), "stop"),
        (json!("stop_sequence"), "stop"),
        (json!("max_tokens"), "length"),
        (json!("model_context_window_exceeded"), "length"),
        (json!("tool_use"), "tool_calls"),
        (json!("refusal"), "content_filter"),
        (json!("pause_turn"), "stop"),
        (json!(null), "stop"),
    ] {
        let incoming = json!({"type": "message", "content": [], "stop_reason": reason});
        let choice = &answered(&incoming).unwrap()["choices"][0];
        assert_eq!(
            (&choice["finish_reason"], &choice["message"]["content"]),
            (&json!(expected), &json!(null))
        );
    }
}

#[test]
fn answers_that_are_none() {
    let upstream = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let expected =
        BadAnswer::Upstream { kind: "overloaded_error".to_owned(), message: "Overloaded".to_owned() };
    assert_eq!(answered(&upstream), Err(expected));
    for bad in [
        json!({}),
        json!([]),
        json!({"type": "message"}),
        json!({"type": "message", "content": "text"}),
        json!({"type": "message", "content": [{"type": "server_tool_use"}]}),
        json!({"type": "message", "content": [{"type": "tool_use", "name": "f"}]}),
        json!({"type": "completion", "content": []}),
    ] {
        assert!(matches!(answered(&bad), Err(BadAnswer::Unreadable { .. })), "{bad}");
    }
    for bad in
        [&b""[..], b"<html>", b"{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"\xff\"}]}"]
    {
        assert!(answer(bad, "m", "i", 0).is_err());
    }
}

const STREAM: [&str; 17] = [
    r#"{"type":"message_start","message":{"id":"msg_1","content":[],"usage":{"input_tokens":25,"output_tokens":1}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hel\"lo\n"}}"#,
    r#"{"type":"content_block_stop","index":1}"#,
    r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
    r#"{"type":"content_block_stop","index":2}"#,
    r#"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"g","input":{}}}"#,
    r#"{"type":"content_block_stop","index":3}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}}"#,
    r#"{"type":"message_stop"}"#,
];

fn chunks(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    let events = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
    events.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data))).collect()
}

#[test]
fn a_stream_with_thinking_and_parallel_tools() {
    for include_usage in [false, true] {
        let mut events = Events::new("assistant", "chatcmpl-1", 7, include_usage);
        let mut out = Vec::new();
        for event in STREAM {
            events.push(event.as_bytes(), &mut out).unwrap();
        }
        events.finish(&mut out).unwrap();
        events.push(b"nonsense after the end", &mut out).unwrap();
        let mut chunks = chunks(&out);
        assert_eq!(chunks.pop().unwrap(), json!("[DONE]"));
        let usage = TokenCounts { input: 25, output: 15, ..TokenCounts::default() };
        assert_eq!((events.is_done(), events.usage()), (true, Some(usage)));
        if include_usage {
            let last = chunks.pop().unwrap();
            assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(40)));
        }
        let deltas: Vec<_> = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]).collect();
        let call = |call: Value| json!({"tool_calls": [call]});
        assert_eq!(
            deltas,
            [
                &json!({"role": "assistant", "content": ""}),
                &json!({"reasoning_content": "hm"}),
                &json!({"content": "Hel\"lo\n"}),
                &call(json!({"index": 0, "id": "toolu_1", "type": "function",
                             "function": {"name": "f", "arguments": ""}})),
                &call(json!({"index": 0, "function": {"arguments": "{\"a\":1}"}})),
                &call(json!({"index": 1, "id": "toolu_2", "type": "function",
                             "function": {"name": "g", "arguments": ""}})),
                &call(json!({"index": 1, "function": {"arguments": "{}"}})),
                &json!({}),
            ]
        );
        for chunk in &chunks {
            assert_eq!(chunk["object"], "chat.completion.chunk");
            assert_eq!((&chunk["id"], &chunk["created"]), (&json!("chatcmpl-1"), &json!(7)));
            assert_eq!(chunk.as_object().unwrap().contains_key("usage"), include_usage);
        }
        let reasons: Vec<_> = chunks.iter().map(|chunk| &chunk["choices"][0]["finish_reason"]).collect();
        assert!(reasons[..7].iter().all(|reason| reason.is_null()) && reasons[7] == "tool_calls");
    }
}

#[test]
fn a_stream_that_breaks_off_is_not_finished() {
    let run = |events: &[&str]| {
        let mut translation = Events::new("m", "i", 0, true);
        let mut out = Vec::new();
        let result = events.iter().try_for_each(|event| translation.push(event.as_bytes(), &mut out));
        let before = out.len();
        translation.push(STREAM[7].as_bytes(), &mut Vec::new()).ok();
        translation.finish(&mut out).unwrap();
        (result, String::from_utf8(out.split_off(before)).unwrap())
    };
    assert_eq!(run(&STREAM[..8]), (Ok(()), String::new()));
    assert!(run(&STREAM[..16]).1.ends_with("data: [DONE]\n\n"));
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let (result, rest) = run(&[STREAM[0], STREAM[15], error]);
    assert!(matches!(result, Err(BadAnswer::Upstream { .. })) && rest.is_empty());
    for bad in [
        "",
        "[]",
        "[DONE]",
        r#"{"type":"content_block_start","index":0}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use"}}"#,
        r#"{"type":"content_block_start","content_block":{"type":"tool_use","id":"a","name":"f"}}"#,
        r#"{"type":"content_block_delta","index":9,"delta":{"type":"input_json_delta","partial_json":"x"}}"#,
        r#"{"type":"content_block_delta","index":-1,"delta":{"type":"text_delta","text":"x"}}"#,
    ] {
        let (result, rest) = run(&[STREAM[0], bad]);
        assert!(matches!(result, Err(BadAnswer::Unreadable { .. })) && rest.is_empty(), "{bad}");
    }
}
