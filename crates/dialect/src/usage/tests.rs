//! Usage as it is reported, truly and otherwise.

use super::*;

fn counts(input: u64, cached_input: u64, cache_write: u64, output: u64, reasoning: u64) -> TokenCounts {
    TokenCounts { input, cached_input, cache_write, output, reasoning }
}

#[test]
fn every_shape_is_read_alike() {
    for (shape, json, expected) in [
        (
            Shape::ChatCompletions,
            r#"{"id":"x","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":9,"completion_tokens":5,
            "total_tokens":14,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":3}}}"#,
            Some(counts(9, 4, 0, 5, 3)),
        ),
        (
            Shape::ChatCompletions,
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":5,"prompt_tokens_details":null,"prompt_cache_hit_tokens":8}}"#,
            Some(counts(9, 8, 0, 5, 0)),
        ),
        (
            Shape::Completions,
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":5}}"#,
            Some(counts(9, 0, 0, 5, 0)),
        ),
        (
            Shape::Responses,
            r#"{"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":3},
            "output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}}"#,
            Some(counts(9, 4, 3, 5, 2)),
        ),
        (
            Shape::Embeddings,
            r#"{"data":[],"usage":{"prompt_tokens":9,"total_tokens":9}}"#,
            Some(counts(9, 0, 0, 0, 0)),
        ),
        (
            Shape::Messages,
            r#"{"usage":{"input_tokens":2,"cache_creation_input_tokens":30,"cache_read_input_tokens":400,
            "output_tokens":5,"output_tokens_details":{"thinking_tokens":3},"service_tier":"standard"}}"#,
            Some(counts(432, 400, 30, 5, 3)),
        ),
        (Shape::CountTokens, r#"{"input_tokens":2095}"#, Some(counts(0, 0, 0, 0, 0))),
        (
            Shape::Other,
            r#"{"data":[{"b64_json":"AA"}],"usage":{"input_tokens":7,"output_tokens":1056,"total_tokens":1063,
            "input_tokens_details":{"text_tokens":7,"image_tokens":0}}}"#,
            Some(counts(7, 0, 0, 1056, 0)),
        ),
        (
            Shape::Other,
            r#"{"text":"hi","usage":{"type":"tokens","input_tokens":14,"output_tokens":45,
            "input_token_details":{"audio_tokens":14}}}"#,
            Some(counts(14, 0, 0, 45, 0)),
        ),
        (Shape::Other, r#"{"text":"hi","usage":{"type":"duration","seconds":3}}"#, None),
        (Shape::Other, r#"{"id":"modr-1","results":[{"flagged":false}]}"#, None),
    ] {
        assert_eq!(plain(shape, json.as_bytes()), expected, "{shape:?} {json}");
    }
}

#[test]
fn usage_is_that_of_the_whole_answer_wherever_it_stands() {
    let long = "x".repeat(3_000);
    for (json, input) in [
        (r#"{"id":"x","usage":{"prompt_tokens":1},"tier":"a"}"#.to_owned(), Some(1)),
        (" {\n \"a\" : [ {} ] ,\n \"usage\" : {\"prompt_tokens\":1}\n}\n".to_owned(), Some(1)),
        // Below the outermost object it is somebody else's.
        (r#"{"a":{"usage":{"prompt_tokens":1}}}"#.to_owned(), None),
        (r#"{"a":{"b":1,"usage":{"prompt_tokens":1}},"c":2}"#.to_owned(), None),
        (r#"{"a":[{"usage":{"prompt_tokens":1}}]}"#.to_owned(), None),
        (r#"{"a":{"usage":{"prompt_tokens":2}},"usage":{"prompt_tokens":1}}"#.to_owned(), Some(1)),
        (r#"{"usage":{"prompt_tokens":1},"a":{"usage":{"prompt_tokens":2}}}"#.to_owned(), Some(1)),
        // In a text, or as a value, it is nothing.
        (r#"{"a":"\"usage","b":1,"usage":{"prompt_tokens":1}}"#.to_owned(), Some(1)),
        (r#"{"a":["x","usage"],"b":1}"#.to_owned(), None),
        (r#"{"a":"{\"usage\":{\"prompt_tokens\":7}}"}"#.to_owned(), None),
        (r#"{"a":"x,\"usage":{"prompt_tokens":7}}"#.to_owned(), None),
        (r#"{"us\u0061ge":{"prompt_tokens":1}}"#.to_owned(), Some(1)),
        // Long behind, long before.
        (format!(r#"{{"usage":{{"prompt_tokens":1}},"a":"{long}"}}"#), Some(1)),
        (format!(r#"{{"a":"{long}","usage":{{"prompt_tokens":1}}}}"#), Some(1)),
    ] {
        let found = plain(Shape::ChatCompletions, json.as_bytes());
        assert_eq!(found.map(|counts| counts.input), input, "{json}");
        let whole = serde_json::from_str::<Answer>(&json).ok();
        let whole = whole.and_then(|answer| answer.usage.0?.counts(Shape::ChatCompletions));
        assert_eq!(found, whole, "{json}");
    }
}

#[test]
fn a_stream_s_figures_grow() {
    let read = |json: &str| serde_json::from_str::<Reported>(json).unwrap();
    let mut so_far = read(r#"{"input_tokens":2,"cache_read_input_tokens":400,"output_tokens":1}"#);
    so_far.merge(&read(r#"{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}"#));
    so_far.merge(&read(r#"{"input_tokens":0,"output_tokens":9,"output_tokens_details":null}"#));
    assert_eq!(so_far.counts(Shape::Messages), Some(counts(402, 400, 0, 9, 4)));
}

#[test]
fn claims_that_make_no_sense_do_no_harm() {
    let chat = |json: &str| plain(Shape::ChatCompletions, json.as_bytes());
    for silent in [
        "",
        "[]",
        "{",
        "{\"usage\":null}",
        "{\"usage\":{}}",
        "{\"usage\":7}",
        "{\"usage\":{\"prompt_tokens\":\"9\"}}",
        "{\"usage\":{\"prompt_tokens\":1e999}}",
        // A list isn't an object, though its elements could be taken for the fields.
        "{\"usage\":[1,2]}",
        "[{\"prompt_tokens\":1}]",
        // Figures that no answer can have.
        "{\"usage\":{\"prompt_tokens\":-4,\"completion_tokens\":7}}",
        "{\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":-7.5}}",
        "{\"usage\":{\"prompt_tokens\":1e30}}",
        "{\"usage\":{\"prompt_tokens\":18446744073709551615}}",
    ] {
        assert_eq!(chat(silent), None, "{silent}");
    }
    assert_eq!(
        chat(
            r#"{"usage":{"prompt_tokens":4,"completion_tokens":7.9,"prompt_tokens_details":[4],
        "completion_tokens_details":{"reasoning_tokens":-1}}}"#
        ),
        Some(counts(4, 0, 0, 7, 0))
    );
    assert_eq!(
        chat(r#"{"usage":{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":9}}}"#),
        Some(counts(3, 3, 0, 0, 0))
    );
    let all = MOST;
    let json = format!(
        r#"{{"usage":{{"input_tokens":{all},"cache_read_input_tokens":{all},"output_tokens":{all}}}}}"#
    );
    let most = plain(Shape::Messages, json.as_bytes()).unwrap();
    assert_eq!((most, most.fresh_input()), (counts(2 * all, all, 0, all, 0), all));
    assert_eq!(
        plain(Shape::Messages, json.replace("read_input_tokens\":", "read_input_tokens\":-").as_bytes()),
        None
    );
    let deep =
        format!(r#"{{"x":{}{},"usage":{{"prompt_tokens":1}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(chat(&deep), Some(counts(1, 0, 0, 0, 0)));
    assert_eq!(
        plain(Shape::ChatCompletions, b"{\"x\":\"\xff\",\"usage\":{\"prompt_tokens\":1}}"),
        chat(&deep)
    );
}

#[test]
fn text_is_counted_without_parsing() {
    for (json, expected) in [
        (r#"{"choices":[{"message":{"role":"assistant","content":"ab\"cd"}}]}"#, 6),
        (r#"{"delta": {"content" : "abc", "reasoning_content":"de"}}"#, 5),
        (r#"{"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}"#, 9),
        (r#"{"type":"response.output_text.delta","delta":"abc"}"#, 3),
        (r#"{"type":"input_json_delta","partial_json":"{\""}"#, 3),
        (r#"{"type":"thinking_delta","thinking":"hm","signature":"zzzz"}"#, 2),
        (r#"{"refusal":"no","content":null,"text":{"format":"text"}}"#, 2),
        (r#"{"content":"\"content\":\"x\""}"#, 17),
        (r#"{"content":"unfinished"#, 10),
        (r#"{"content":"unfinished\"#, 11),
        (r#"{"content":""#, 0),
        (r#"{"content":"#, 0),
        ("", 0),
        ("\"", 0),
    ] {
        assert_eq!(text_bytes(json.as_bytes()), expected, "{json}");
    }
}
