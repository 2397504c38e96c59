//! Streams as they come, cut anywhere, and hostile ones.

use super::*;

const CHAT: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"ab\\\"cd\"}}],\"usage\":null}\r\n\r\n\
    : comment\n\ndata: {\"choices\": [{\"delta\": {\"content\": \"efg\"}}]}\n\n\
    data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\
    \"prompt_tokens_details\":{\"cached_tokens\":2}}}\n\ndata: [DONE]\n\n";

const MESSAGES: &str = concat!(
    "event: message_start\n",
    r#"data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"#,
    r#""model":"claude","stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":100,"#,
    r#""cache_creation_input_tokens":5,"output_tokens":1}}}"#,
    "\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\nevent: content_block_delta\n",
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Say \"message_stop\""}}"#,
    "\n\nevent: message_delta\n",
    r#"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15,"input_tokens":0}}"#,
    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

const RESPONSES: &str = concat!(
    "event: response.created\n",
    r#"data: {"type":"response.created","response":{"error":null,"usage":null}}"#,
    "\n\nevent: response.output_text.delta\n",
    r#"data: {"type":"response.output_text.delta","delta":"hello"}"#,
    "\n\nevent: response.output_text.done\n",
    r#"data: {"type":"response.output_text.done","text":"hello"}"#,
    "\n\nevent: response.completed\n",
    r#"data: {"type":"response.completed","response":{"error":null,"output":[{"content":[{"text":"hello"}]}],"#,
    r#""usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"#,
    r#""output_tokens_details":{"reasoning_tokens":2}}}}"#,
    "\n\n",
);

fn run(shape: Shape, chunks: impl Iterator<Item = Bytes>, hide: bool) -> (Meter, String) {
    let mut meter = Meter::new(shape, hide);
    let mut ready = VecDeque::new();
    for chunk in chunks {
        meter.push(chunk, &mut ready);
        let last = ready.back().map(|bytes| bytes.ends_with(b"\n\n") || bytes.ends_with(b"\n\r\n"));
        assert_ne!(last, Some(false), "only whole events go on");
    }
    meter.finish(&mut ready);
    (meter, ready.iter().map(|bytes| std::str::from_utf8(bytes).unwrap()).collect())
}

fn once(shape: Shape, text: &str, hide: bool) -> (Meter, String) {
    run(shape, std::iter::once(Bytes::copy_from_slice(text.as_bytes())), hide)
}

#[test]
fn every_chunk_boundary_reads_the_same() {
    let hidden = CHAT.replace(CHAT.split_inclusive("\n\n").nth(2).unwrap(), "");
    let chat = TokenCounts { input: 7, cached_input: 2, output: 3, ..TokenCounts::default() };
    let messages = TokenCounts { input: 130, cached_input: 100, cache_write: 5, output: 15, reasoning: 0 };
    let responses = TokenCounts { input: 9, cached_input: 4, cache_write: 0, output: 5, reasoning: 2 };
    for (shape, stream, hide, expected, usage, text) in [
        (Shape::ChatCompletions, CHAT, false, CHAT, chat, 9),
        (Shape::ChatCompletions, CHAT, true, &*hidden, chat, 9),
        (Shape::Completions, CHAT, true, &*hidden, chat, 9),
        (Shape::Other, CHAT, true, CHAT, chat, 9),
        (Shape::Messages, MESSAGES, true, MESSAGES, messages, 20),
        (Shape::Responses, RESPONSES, true, RESPONSES, responses, 5),
    ] {
        for size in 1..=stream.len() {
            let chunks = stream.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            let (meter, out) = run(shape, chunks, hide);
            assert_eq!(out, expected, "{shape:?} in chunks of {size}");
            assert!(meter.is_done() && !meter.is_torn() && !meter.saw_error());
            assert_eq!((meter.usage(), meter.partial()), (Some(usage), usage));
            assert_eq!(meter.text_bytes(), text);
        }
    }
}

#[test]
fn whole_events_go_on_without_a_copy() {
    let chunk = Bytes::from_static(b"data: 1\n\ndata: 2\n\n");
    let mut ready = VecDeque::new();
    Meter::new(Shape::ChatCompletions, true).push(chunk.clone(), &mut ready);
    assert_eq!((ready.len(), ready[0].as_ptr()), (1, chunk.as_ptr()));
}

#[test]
fn without_usage_the_text_is_counted() {
    let text = "data: {\"choices\":[{\"delta\":{\"content\":\"123456789\"}}]}";
    let (meter, out) = once(Shape::ChatCompletions, text, true);
    assert_eq!(out, text);
    assert_eq!((meter.usage(), meter.partial(), meter.text_bytes()), (None, TokenCounts::default(), 9));
}

#[test]
fn an_anthropic_stream_that_broke_off_reported_only_its_beginning() {
    let (start, _) = MESSAGES.split_once("event: message_delta").unwrap();
    let (meter, out) = once(Shape::Messages, start, false);
    assert_eq!(out, start);
    let known = TokenCounts { input: 130, cached_input: 100, cache_write: 5, output: 1, reasoning: 0 };
    assert_eq!((meter.usage(), meter.partial(), meter.is_done()), (None, known, false));
}

#[test]
fn usage_beside_choices_is_not_hidden() {
    let text = "data: {\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n\
        data: {\"choices\":[],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{}}\n\n";
    let (meter, out) = once(Shape::ChatCompletions, text, true);
    assert_eq!(out, text);
    assert_eq!(meter.usage().map(TokenCounts::total), Some(3));
}

#[test]
fn nothing_follows_the_terminal_event() {
    for (shape, end) in [
        (Shape::ChatCompletions, "data: [DONE]\n\n"),
        (Shape::Messages, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
        (Shape::Responses, "data: {\"type\":\"response.incomplete\",\"response\":{}}\n\n"),
    ] {
        for after in ["data: {\"x\":1}\n\ndata: y", "data: y"] {
            let (meter, out) = once(shape, &format!("{end}{after}"), true);
            assert!(out == end && meter.is_done(), "{shape:?}: {out}");
        }
    }
    assert!(!once(Shape::Messages, "data: [DONE]\n\n", false).0.is_done());
    assert!(once(Shape::ChatCompletions, "data: [DONE]", false).0.is_done());
}

#[test]
fn errors_in_a_stream_are_seen() {
    for (shape, text, expected) in [
        (Shape::ChatCompletions, "data: {\"error\":{\"message\":\"no\"}}\n\n", true),
        (Shape::ChatCompletions, "event: error\ndata: x\n\n", true),
        (Shape::ChatCompletions, "data: {\"error\":null,\"choices\":[]}\n\n", false),
        (Shape::ChatCompletions, r#"data: {"choices":[{"delta":{"content":"{\"error\":1}"}}]}"#, false),
        (Shape::Messages, "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n", true),
        (Shape::Responses, "data: {\"type\":\"error\",\"message\":\"no\"}\n\n", true),
        (Shape::Responses, "data: {\"type\":\"response.failed\",\"response\":{\"usage\":null}}\n\n", true),
    ] {
        let (meter, out) = once(shape, text, true);
        assert_eq!((meter.saw_error(), out.as_str()), (expected, text));
    }
}

#[test]
fn an_endless_event_is_not_held_forever() {
    for shape in [Shape::ChatCompletions, Shape::Messages, Shape::Responses, Shape::Other] {
        let mut meter = Meter::new(shape, true);
        let mut ready = VecDeque::new();
        for _ in 0..1000 {
            meter.push(Bytes::from(vec![b'x'; 10_000]), &mut ready);
            assert!(meter.held.len() <= meter.longest_held());
        }
        assert!(meter.is_torn() && meter.text_bytes() > 5_000_000);
        meter.push(Bytes::from_static(b"\n\nevent: error\n\n"), &mut ready);
        assert!(!meter.is_torn() && meter.saw_error());
        meter.finish(&mut ready);
        assert_eq!(ready.iter().map(Bytes::len).sum::<usize>(), 10_000_016);
    }
}

#[test]
fn a_torn_usage_event_is_not_hidden_in_part() {
    let mut meter = Meter::new(Shape::ChatCompletions, true);
    let mut ready = VecDeque::new();
    meter.push(Bytes::from(vec![b':'; LONGEST_HELD + 1]), &mut ready);
    meter.push(Bytes::from_static(b"\ndata: {\"usage\":{\"prompt_tokens\":1}}"), &mut ready);
    meter.finish(&mut ready);
    assert_eq!(ready.len(), 2);
}

#[test]
fn hostile_events_do_no_harm() {
    let deep = format!("data: {{\"usage\":{}\n\n", "[".repeat(100_000));
    for text in [
        &deep,
        "data: {\"type\":7,\"usage\":{\"prompt_tokens\":1e999}}\n\n",
        "data: {\"error\":\n\n",
        "data:\n\ndata\n\n\r\n\n\n",
        "data: {\"usage\":{\"prompt_tokens\":1},\"usage\":{\"prompt_tokens\":2}}\n\n",
    ] {
        for shape in [Shape::ChatCompletions, Shape::Messages, Shape::Responses] {
            let (meter, out) = once(shape, text, true);
            assert_eq!((out.as_str(), meter.usage()), (text, None));
        }
    }
    let mut ready = VecDeque::new();
    Meter::new(Shape::Messages, false).push(Bytes::from_static(b"data: \xff\xfe\"error\"\n\n"), &mut ready);
    assert_eq!(ready.len(), 1);
}

#[test]
fn usage_before_the_end_is_not_that_of_the_answer() {
    let event = |index: u32, text: &str, finish: &str, output: u32| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":{finish}}}],\
             \"usage\":{{\"prompt_tokens\":7,\"completion_tokens\":{output}}}}}\n\n"
        )
    };
    let known = |stream: &str| {
        let (meter, _) = once(Shape::ChatCompletions, stream, false);
        (meter.usage().map(|usage| usage.output), meter.partial().output)
    };
    // Counting along, choice by choice.
    let first = [event(0, "one", "null", 1), event(1, "two", "null", 1)].concat();
    assert_eq!(known(&first), (None, 1));
    let half = first.clone() + &event(0, "", "\"stop\"", 2);
    assert_eq!(known(&half), (None, 2));
    let whole = half.clone() + &event(1, "", "\"stop\"", 4);
    assert_eq!(known(&whole), (Some(4), 4));
    // What is followed by text wasn't the last word.
    assert_eq!(known(&(whole + &event(2, "more", "null", 0))), (None, 4));
    assert_eq!(known(&(event(0, "a", "\"stop\"", 0) + &event(0, "many words", "null", 0))), (None, 0));
    assert_eq!(known(&[event(0, "a", "null", 0), "data: [DONE]\n\n".to_owned()].concat()), (None, 0));
    // Beside the end of the only choice, as many servers give it.
    assert_eq!(known(&[event(0, "a", "null", 1), event(0, "", "\"length\"", 9)].concat()), (Some(9), 9));
    // A server that says it only afterwards, beside a choice without news.
    let after =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
    assert_eq!(known(&[after.to_owned(), event(0, "", "null", 3)].concat()), (Some(3), 3));
}

#[test]
fn the_end_of_the_text_is_seen_before_the_usage() {
    let awaits = |shape, stream: &str| once(shape, stream, false).0.awaits_usage();
    let [_, text, usage, _] = *CHAT.split_inclusive("\n\n").collect::<Vec<_>>() else { panic!() };
    let finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\": \"stop\"}]}\n\n";
    assert!(!awaits(Shape::ChatCompletions, text));
    assert!(awaits(Shape::ChatCompletions, &[text, finish].concat()));
    assert!(!awaits(Shape::ChatCompletions, &[text, finish, text].concat()), "another choice goes on");
    assert!(!awaits(Shape::ChatCompletions, &[text, finish, usage].concat()));
    assert!(!awaits(Shape::ChatCompletions, &[text, &finish.replace("\"stop\"", "null")].concat()));
    assert!(!awaits(
        Shape::ChatCompletions,
        r#"data: {"choices":[{"delta":{"content":"\"finish_reason\":\"x"}}]}"#
    ));
    let block = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
    let (start, rest) = MESSAGES.split_once("event: message_delta").unwrap();
    assert!(!awaits(Shape::Messages, start));
    assert!(awaits(Shape::Messages, &[start, block].concat()));
    assert!(!awaits(Shape::Messages, &[start, block, "event: message_delta", rest].concat()));
    let item =
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"content\":[{\"text\":\"hello\"}]}}\n\n";
    assert!(awaits(Shape::Responses, item));
    assert!(!awaits(Shape::Responses, &[item, RESPONSES].concat()));
}

#[test]
fn a_byte_order_mark_hides_nothing() {
    let marked = format!("\u{feff}{CHAT}");
    for size in 1..=marked.len() {
        let chunks = marked.as_bytes().chunks(size).map(Bytes::copy_from_slice);
        let (meter, out) = run(Shape::ChatCompletions, chunks, false);
        assert_eq!((out.as_str(), meter.text_bytes()), (&*marked, 9), "chunks of {size}");
    }
    let (meter, _) = once(Shape::ChatCompletions, "\u{feff}data: {\"choices\":[{\"text\":\"abc\"}]}", false);
    assert_eq!(meter.text_bytes(), 3);
}

#[test]
fn lists_are_no_objects() {
    let text = "data: [null,[],{\"completion_tokens\":1}]\n\ndata: {\"choices\":[],\"usage\":[1,2]}\n\n";
    assert_eq!(once(Shape::ChatCompletions, text, false).0.usage(), None);
    let text = "data: {\"type\":\"response.completed\",\"response\":[[1,2]]}\n\n";
    assert_eq!(once(Shape::Responses, text, false).0.usage(), None);
}
