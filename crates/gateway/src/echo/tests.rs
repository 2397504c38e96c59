//! What any answer keeps to, whichever its shape.

use super::*;
use Endpoint as E;
use std::task::{Context, Poll};

fn options(chunks: u32) -> ProviderOptions {
    ProviderOptions { chunks, ..ProviderOptions::default() }
}

fn echo(endpoint: Endpoint, body: &str, options: ProviderOptions) -> Result<Echo, ApiError> {
    Echo::new(endpoint, &Labels { id: "req_x", model: "echo", created: 7 }, body.as_bytes(), options)
}

/// A stream's events, with the turns that it left to others, polled without a runtime.
fn stream(endpoint: Endpoint, body: &str, options: ProviderOptions) -> (Vec<String>, usize) {
    let Content::Speech(form, speech) = echo(endpoint, body, options.clone()).unwrap().content else {
        panic!("not text")
    };
    let mut stream = EchoBody::new(form, speech, options);
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let (mut events, mut turns) = (Vec::new(), 0);
    loop {
        match stream.poll_next(&mut cx) {
            Poll::Ready(Some(Ok(event))) => events.push(String::from_utf8(event.to_vec()).unwrap()),
            Poll::Ready(_) => return (events, turns),
            Poll::Pending => turns += 1,
        }
    }
}

#[test]
fn a_long_stream_lets_others_have_their_turn() {
    let body = format!(r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#, "a ".repeat(100));
    let (events, turns) = stream(Endpoint::ChatCompletions, &body, options(0));
    assert_eq!((events.len(), turns), (100 + 3, 3));
}

#[test]
fn a_response_s_events_are_numbered_and_agree() {
    for (most, end, reason) in
        [("null", "response.completed", None), ("2", "response.incomplete", Some("max_output_tokens"))]
    {
        let body = format!(r#"{{"input":"one two three","max_output_tokens":{most}}}"#);
        let (events, _) = stream(Endpoint::Responses, &body, options(0));
        let mut text = String::new();
        for (number, event) in events.iter().enumerate() {
            let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
            let data: serde_json::Value = serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap();
            assert_eq!((&data["type"], &data["sequence_number"]), (&name.into(), &number.into()));
            text.push_str(data["delta"].as_str().unwrap_or_default());
            if number + 1 == events.len() {
                assert_eq!(name, end);
                let response = &data["response"];
                assert_eq!(response["output"][0]["content"][0]["text"], text);
                assert_eq!(response["incomplete_details"]["reason"].as_str(), reason);
                assert_eq!(response["usage"]["output_tokens"], text.split(' ').count());
            }
        }
    }
}

#[test]
fn no_event_of_a_response_outgrows_what_is_read_for_usage() {
    // A character that is written with six.
    let body = format!(r#"{{"input":"{}"}}"#, "\\u0001".repeat(64 * 1024));
    let (events, _) = stream(Endpoint::Responses, &body, options(u32::MAX));
    assert!(events.iter().all(|event| event.len() < 3 * 1024 * 1024));
    assert!(events.last().unwrap().starts_with("event: response.incomplete\n"));
}

#[test]
fn what_can_not_be_read_is_the_client_s_fault() {
    let deep = |field: &str, before: &str, after: &str| {
        format!(r#"{{"{field}":{before}{}{}{after}}}"#, "[".repeat(100_000), "]".repeat(100_000))
    };
    for (endpoint, body) in [
        (E::ChatCompletions, r#"{"messages":[1]}"#.to_owned()),
        (E::ChatCompletions, r#"{"messages":[null]}"#.to_owned()),
        (E::ChatCompletions, r#"{"messages":[{"role":7,"content":"x"}]}"#.to_owned()),
        (E::ChatCompletions, deep("messages", r#"[{"role":"user","content":"#, "}]")),
        (E::Completions, r#"{"prompt":{"a":1}}"#.to_owned()),
        (E::Completions, r#"{"prompt":[{"text":"a"}]}"#.to_owned()),
        (E::Completions, deep("prompt", "", "")),
        (E::Responses, r#"{"input":true}"#.to_owned()),
        (E::Responses, deep("instructions", "", "")),
        (E::Embeddings, r#"{"input":[]}"#.to_owned()),
        (E::Embeddings, r#"{"input":null}"#.to_owned()),
        (E::Embeddings, r#"{"input":"x","dimensions":"16"}"#.to_owned()),
        (E::Embeddings, r#"{"input":"x","encoding_format":"hex"}"#.to_owned()),
        (E::CountTokens, r#"{"messages":[],"system":[[{"text":{"text":[}"#.to_owned()),
        (E::CountTokens, deep("system", "", "")),
        (E::Moderations, r#"{"input":7}"#.to_owned()),
    ] {
        let error = echo(endpoint, &body, options(0)).err().unwrap_or_else(|| panic!("taken: {body:.60}"));
        assert_eq!(error.code.status(), 400, "{body:.60}");
    }
    // What isn't heeded may be as deep as it likes, and what came from elsewhere is passed over.
    for body in [
        deep("tools", "", "").replacen('{', r#"{"input":"x","#, 1),
        r#"{"input":[{"type":"function_call_output","call_id":"c","output":"1"},{"type":"reasoning","summary":[]}]}"#.to_owned(),
        r#"{"previous_response_id":"resp_1"}"#.to_owned(),
    ] {
        assert!(echo(Endpoint::Responses, &body, options(0)).is_ok(), "{body:.60}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_text_takes_its_time_and_breaks_off_too() {
    let started = tokio::time::Instant::now();
    let slow = ProviderOptions { first_chunk_delay_ms: 30, chunk_delay_ms: 10, ..ProviderOptions::default() };
    let ask = |options| echo(Endpoint::Embeddings, r#"{"input":["a","b","c"]}"#, options).unwrap();
    assert!(ask(slow.clone()).answer(true).await.is_some());
    assert!(started.elapsed().as_millis() >= 60);
    assert!(ask(ProviderOptions { fail_after_chunks: 3, ..slow.clone() }).answer(false).await.is_none());
    assert!(ask(ProviderOptions { fail_after_chunks: 4, ..slow.clone() }).answer(false).await.is_some());
    assert!(ask(ProviderOptions { fail_after_chunks: 4, chunks: 9, ..slow }).answer(false).await.is_none());
    for (endpoint, body) in
        [(Endpoint::CountTokens, r#"{"messages":[]}"#), (Endpoint::Moderations, r#"{"input":"x"}"#)]
    {
        let broken = ProviderOptions { fail_after_chunks: 1, ..ProviderOptions::default() };
        assert!(echo(endpoint, body, broken).unwrap().answer(false).await.is_none());
    }
}
