//! Reads usage from server-sent events as they pass, whatever the chunk boundaries.
//!
//! Whole events go on at once, without a copy; the beginning of an event waits for its end, so that a stream can be
//! ended between two events and the usage event can be hidden from a client that didn't ask for it.

use crate::settle::Tokens;
use bytes::{Bytes, BytesMut};
use memchr::{memchr_iter, memmem};
use model::usage::TokenSource;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::VecDeque;

/// An event may be this long before it is passed on unfinished.
const LONGEST_HELD: usize = 256 * 1024;

/// `usage` in OpenAI's shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    #[serde(default)]
    prompt_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
struct Details {
    #[serde(default)]
    cached_tokens: Option<u64>,
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.prompt_tokens,
            cached_input: usage.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or(0),
            output: usage.completion_tokens,
            source: TokenSource::Reported,
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    choices: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    usage: Option<Usage>,
}

/// Token figures of a plain answer, estimated when it has none.
pub(crate) fn plain_tokens(json: &[u8], input_estimate: u64) -> Tokens {
    let usage = serde_json::from_slice::<Answer>(json).ok().and_then(|answer| answer.usage);
    usage.map_or_else(|| Tokens::estimated(input_estimate, content_bytes(json).div_ceil(4)), Tokens::from)
}

/// The scanner of one stream.
pub(crate) struct EventScanner {
    /// The beginning of an event whose end hasn't come.
    held: BytesMut,
    /// Where the line begins that is being read, within `held`.
    line: usize,
    /// Whether the event being read is the usage event.
    is_usage: bool,
    /// Whether part of the event being read was passed on already.
    torn: bool,
    hide_usage: bool,
    usage: Option<Usage>,
    content: u64,
    done: bool,
    /// The event of `[DONE]` is over: nothing that comes later goes on.
    closed: bool,
}

impl EventScanner {
    pub(crate) fn new(hide_usage: bool) -> Self {
        Self {
            held: BytesMut::new(),
            line: 0,
            is_usage: false,
            torn: false,
            hide_usage,
            usage: None,
            content: 0,
            done: false,
            closed: false,
        }
    }

    /// Whether `[DONE]` was seen.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    /// Whether what was passed on ends in the middle of an event.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// What the stream used so far.
    pub(crate) fn tokens(&self, input_estimate: u64) -> Tokens {
        self.usage.map_or_else(|| Tokens::estimated(input_estimate, self.content.div_ceil(4)), Tokens::from)
    }

    /// Takes a chunk; what may go on is added to `ready`.
    pub(crate) fn push(&mut self, chunk: Bytes, ready: &mut VecDeque<Bytes>) {
        if self.closed {
            return;
        }
        let scanned = self.held.len();
        let buffer = if scanned == 0 {
            chunk
        } else {
            self.held.extend_from_slice(&chunk);
            self.held.split().freeze()
        };
        let (mut passed, mut event) = (0, 0);
        for end in memchr_iter(b'\n', &buffer[scanned..]).map(|at| at + scanned) {
            let line = &buffer[self.line..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.line = end + 1;
            if !line.is_empty() {
                self.read_line(line);
                continue;
            }
            if self.is_usage && self.hide_usage && !self.torn {
                pass(&buffer, passed..event, ready);
                passed = end + 1;
            }
            (self.is_usage, self.torn) = (false, false);
            event = end + 1;
            if self.done {
                self.closed = true;
                break;
            }
        }
        pass(&buffer, passed..event, ready);
        if self.closed {
            return;
        }
        self.line -= event;
        if buffer.len() - event > LONGEST_HELD {
            pass(&buffer, event..buffer.len(), ready);
            (self.line, self.torn) = (0, true);
        } else {
            self.held.extend_from_slice(&buffer[event..]);
        }
    }

    /// What is left at the end of the stream.
    pub(crate) fn finish(&mut self, ready: &mut VecDeque<Bytes>) {
        let rest = self.held.split().freeze();
        if !self.closed && self.line < rest.len() {
            self.read_line(rest[self.line..].trim_ascii_end());
        }
        self.line = 0;
        if !(self.is_usage && self.hide_usage) {
            pass(&rest, 0..rest.len(), ready);
        }
    }

    fn read_line(&mut self, line: &[u8]) {
        let Some(data) = line.strip_prefix(b"data:") else { return };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.done = true;
            return;
        }
        self.content += content_bytes(data);
        if memmem::find(data, b"\"usage\"").is_some()
            && let Ok(Answer { choices, usage: Some(usage) }) = serde_json::from_slice(data)
        {
            self.usage = Some(usage);
            self.is_usage = choices.is_none_or(|choices| choices.is_empty());
        }
    }
}

fn pass(buffer: &Bytes, range: std::ops::Range<usize>, ready: &mut VecDeque<Bytes>) {
    if !range.is_empty() {
        ready.push_back(buffer.slice(range));
    }
}

/// Bytes of generated text in a piece of JSON: the strings under `content`, `reasoning_content` and `arguments`.
/// For estimates only, so without parsing.
fn content_bytes(json: &[u8]) -> u64 {
    let mut bytes = 0;
    for name in [&b"content\""[..], b"arguments\""] {
        for at in memmem::find_iter(json, name) {
            let rest = json[at + name.len()..].trim_ascii_start();
            let Some(rest) = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { continue };
            let Some(text) = rest.strip_prefix(b"\"") else { continue };
            let mut escaped = false;
            let end = text.iter().position(|byte| {
                let closes = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                closes
            });
            bytes += end.unwrap_or(text.len()) as u64;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"ab\\\"cd\"}}],\"usage\":null}\r\n\r\n\
        : comment\n\ndata: {\"choices\": [{\"delta\": {\"content\": \"efg\"}}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\
        \"prompt_tokens_details\":{\"cached_tokens\":2}}}\n\ndata: [DONE]\n\n";

    fn run(chunks: impl Iterator<Item = Bytes>, hide: bool) -> (EventScanner, String) {
        let mut scanner = EventScanner::new(hide);
        let mut ready = VecDeque::new();
        for chunk in chunks {
            scanner.push(chunk, &mut ready);
            let last = ready.back().map(|bytes| bytes.ends_with(b"\n\n") || bytes.ends_with(b"\n\r\n"));
            assert_ne!(last, Some(false), "only whole events go on");
        }
        scanner.finish(&mut ready);
        (scanner, ready.iter().map(|bytes| std::str::from_utf8(bytes).unwrap()).collect())
    }

    #[test]
    fn every_chunk_boundary_reads_the_same() {
        let hidden = STREAM.replace(STREAM.split_inclusive("\n\n").nth(2).unwrap(), "");
        for size in 1..=STREAM.len() {
            for hide in [false, true] {
                let chunks = STREAM.as_bytes().chunks(size).map(Bytes::copy_from_slice);
                let (scanner, out) = run(chunks, hide);
                assert_eq!(out, if hide { &hidden } else { STREAM }, "chunks of {size}");
                assert!(scanner.is_done());
                let expected = Tokens { input: 7, cached_input: 2, output: 3, source: TokenSource::Reported };
                assert_eq!(scanner.tokens(99), expected);
                assert_eq!(scanner.content, 9);
            }
        }
    }

    #[test]
    fn without_usage_the_content_is_counted() {
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"123456789\"}}]}";
        let (scanner, out) = run(std::iter::once(Bytes::from_static(text.as_bytes())), true);
        assert_eq!(out, text);
        assert_eq!(scanner.tokens(5), Tokens::estimated(5, 3));
    }

    #[test]
    fn nothing_follows_done() {
        let (_, out) =
            run(std::iter::once(Bytes::from_static(b"data: [DONE]\n\ndata: {\"x\":1}\n\ndata: y")), true);
        assert_eq!(out, "data: [DONE]\n\n");
    }

    #[test]
    fn an_endless_event_is_not_held_forever() {
        let mut scanner = EventScanner::new(true);
        let mut ready = VecDeque::new();
        for _ in 0..100 {
            scanner.push(Bytes::from(vec![b'x'; 10_000]), &mut ready);
            assert!(scanner.held.len() <= LONGEST_HELD + 10_000);
        }
        assert!(scanner.is_torn());
        scanner.push(Bytes::from_static(b"\n\ndata: [DONE]\n\n"), &mut ready);
        assert!(!scanner.is_torn() && scanner.is_done());
    }
}
