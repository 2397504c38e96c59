//! Reads usage from a stream as it passes, whatever the chunk boundaries.
//!
//! Whole events go on at once, without a copy; the beginning of an event waits for its end, so that a stream can be
//! ended between two events and the usage event can be hidden from a client that didn't ask for it.

use crate::Shape;
use crate::tokens::TokenCounts;
use crate::usage::{Reported, strings_under, text_bytes};
use bytes::{Bytes, BytesMut};
use memchr::{memchr_iter, memmem};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::mem;
use std::ops::Range;

/// An event may be this long before it is passed on unfinished.
const LONGEST_HELD: usize = 256 * 1024;
/// The same where the event that carries the usage repeats the whole answer, or an image.
const LONGEST_HELD_WHOLE: usize = 4 * 1024 * 1024;

/// What of an event matters here, in either dialect. Parts whose form depends on the event stay unread.
#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(default)]
    choices: Option<Vec<IgnoredAny>>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<IgnoredAny>,
    /// What `response.completed` and its like say of the whole answer.
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
    /// What `message_start` says of the answer to come.
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    usage: Option<Reported>,
}

fn usage_within(answer: Option<&RawValue>) -> Option<Reported> {
    serde_json::from_str::<Whole>(answer?.get()).ok()?.usage
}

fn usage_of(raw: Option<&RawValue>) -> Option<Reported> {
    serde_json::from_str(raw?.get()).ok()
}

/// The meter of one stream.
#[derive(Debug)]
pub struct Meter {
    shape: Shape,
    hide_usage: bool,
    /// The beginning of an event whose end hasn't come.
    held: BytesMut,
    /// Where the line begins that is being read, within `held`.
    line: usize,
    /// Whether the event being read is the usage event.
    is_usage: bool,
    /// Whether part of the event being read was passed on already.
    torn: bool,
    /// Figures that count as final.
    usage: Option<TokenCounts>,
    /// What an Anthropic stream said so far.
    so_far: Reported,
    text: u64,
    estimate: u64,
    failed: bool,
    done: bool,
    /// The terminal event is over: nothing that comes later goes on.
    closed: bool,
}

/// What a look at some bytes found.
struct Scan {
    /// Where the last whole event ends.
    whole: usize,
    /// Events before that which don't go on.
    hidden: Vec<Range<usize>>,
}

impl Meter {
    /// A meter for one stream of `shape`. With `hide_usage`, the event that carries nothing but the usage of a chat or
    /// text completion doesn't go on.
    pub fn new(shape: Shape, hide_usage: bool) -> Self {
        Self {
            shape,
            hide_usage: hide_usage && matches!(shape, Shape::ChatCompletions | Shape::Completions),
            held: BytesMut::new(),
            line: 0,
            is_usage: false,
            torn: false,
            usage: None,
            so_far: Reported::default(),
            text: 0,
            estimate: 0,
            failed: false,
            done: false,
            closed: false,
        }
    }

    /// Whether the event was seen that ends a stream of this shape: `[DONE]`, `message_stop`, or one of
    /// `response.completed`, `response.incomplete` and `response.failed`.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Whether what was passed on ends in the middle of an event.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// Whether the provider reported an error in the stream.
    pub fn saw_error(&self) -> bool {
        self.failed
    }

    /// What the provider reported as used, once it did so for the whole answer.
    pub fn usage(&self) -> Option<TokenCounts> {
        self.usage
    }

    /// What is known of the usage so far: an Anthropic stream says at its start how long the prompt was.
    pub fn partial(&self) -> TokenCounts {
        self.usage.or_else(|| self.so_far.counts(self.shape)).unwrap_or_default()
    }

    /// Bytes of text generated so far, for estimates. What was too long to be read counts as text.
    pub fn text_bytes(&self) -> u64 {
        self.text
    }

    /// An estimate of the output's tokens, for a stream whose provider said nothing: three bytes of text are a token,
    /// and each event with text is one at least, since providers send a token at a time.
    pub fn estimated_output(&self) -> u64 {
        self.estimate
    }

    /// Takes a chunk; what may go on is added to `ready`.
    pub fn push(&mut self, chunk: Bytes, ready: &mut VecDeque<Bytes>) {
        if self.closed {
            return;
        }
        if self.held.is_empty() {
            let scan = self.scan(&chunk, 0);
            pass(&chunk.slice(..scan.whole), &scan.hidden, ready);
            if !self.closed {
                self.held.extend_from_slice(&chunk[scan.whole..]);
            }
        } else {
            let scanned = self.held.len();
            let mut held = mem::take(&mut self.held);
            held.extend_from_slice(&chunk);
            let scan = self.scan(&held, scanned);
            pass(&held.split_to(scan.whole).freeze(), &scan.hidden, ready);
            if !self.closed {
                self.held = held;
            }
        }
        if self.held.len() > self.longest_held() {
            self.count_text((self.held.len() - self.line) as u64);
            ready.push_back(self.held.split().freeze());
            (self.line, self.torn) = (0, true);
        }
    }

    /// What is left at the end of the stream.
    pub fn finish(&mut self, ready: &mut VecDeque<Bytes>) {
        let rest = self.held.split().freeze();
        if self.line < rest.len() {
            self.read_line(rest[self.line..].trim_ascii_end());
        }
        self.line = 0;
        if !rest.is_empty() && (self.torn || !(self.is_usage && self.hide_usage)) {
            ready.push_back(rest);
        }
    }

    fn longest_held(&self) -> usize {
        match self.shape {
            Shape::Responses | Shape::Other => LONGEST_HELD_WHOLE,
            _ => LONGEST_HELD,
        }
    }

    /// Reads the lines of `buffer` that end after `scanned`.
    fn scan(&mut self, buffer: &[u8], scanned: usize) -> Scan {
        let mut scan = Scan { whole: 0, hidden: Vec::new() };
        for end in memchr_iter(b'\n', &buffer[scanned..]).map(|at| at + scanned) {
            let line = &buffer[self.line..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.line = end + 1;
            if !line.is_empty() {
                self.read_line(line);
                continue;
            }
            let event = scan.whole..end + 1;
            scan.whole = event.end;
            if self.is_usage && self.hide_usage && !self.torn {
                scan.hidden.push(event);
            }
            (self.is_usage, self.torn) = (false, false);
            if self.done {
                self.closed = true;
                break;
            }
        }
        self.line -= scan.whole;
        scan
    }

    fn read_line(&mut self, line: &[u8]) {
        if let Some(data) = line.strip_prefix(b"data:") {
            self.read_data(data.trim_ascii());
        } else if let Some(name) = line.strip_prefix(b"event:") {
            self.failed |= name.trim_ascii() == b"error";
        }
    }

    fn count_text(&mut self, bytes: u64) {
        self.text = self.text.saturating_add(bytes);
        self.estimate = self.estimate.saturating_add(bytes.div_ceil(3));
    }

    fn read_data(&mut self, data: &[u8]) {
        if data == b"[DONE]" {
            self.done |= self.shape != Shape::Messages;
            return;
        }
        self.count_text(match self.shape {
            // Later events of this shape repeat what the deltas said.
            Shape::Responses => strings_under(data, &[b"delta"]),
            _ => text_bytes(data),
        });
        // Most events carry text and nothing else: they aren't parsed.
        if !self.telling().iter().any(|word| memmem::find(data, word).is_some()) {
            return;
        }
        let Ok(event) = serde_json::from_slice::<Data<'_>>(data) else { return };
        let kind = event.kind.as_deref().unwrap_or_default();
        self.failed |= event.error.is_some() || matches!(kind, "error" | "response.failed");
        match self.shape {
            Shape::Responses => {
                if matches!(kind, "response.completed" | "response.incomplete" | "response.failed") {
                    self.done = true;
                    self.report(usage_within(event.response).and_then(|usage| usage.counts(self.shape)));
                }
            }
            Shape::Messages => match kind {
                "message_start" => {
                    if let Some(first) = usage_within(event.message) {
                        self.so_far.merge(&first);
                    }
                }
                "message_delta" => {
                    if let Some(last) = usage_of(event.usage) {
                        self.so_far.merge(&last);
                        self.report(self.so_far.counts(self.shape));
                    }
                }
                "message_stop" => self.done = true,
                _ => {}
            },
            _ => {
                if let Some(counts) = usage_of(event.usage).and_then(|usage| usage.counts(self.shape)) {
                    self.report(Some(counts));
                    self.is_usage = event.choices.is_none_or(|choices| choices.is_empty());
                }
            }
        }
    }

    fn report(&mut self, counts: Option<TokenCounts>) {
        self.usage = counts.or(self.usage);
    }

    /// Words without which an event says nothing but text. In a text they can't stand like this: their quotes would
    /// be escaped.
    fn telling(&self) -> &'static [&'static [u8]] {
        match self.shape {
            Shape::Responses => {
                &[b"\"response.completed\"", b"\"response.incomplete\"", b"\"response.failed\"", b"\"error\""]
            }
            Shape::Messages => &[b"\"message_", b"\"error\""],
            _ => &[b"\"usage\"", b"\"error\""],
        }
    }
}

/// Adds what of `events` isn't hidden.
fn pass(events: &Bytes, hidden: &[Range<usize>], ready: &mut VecDeque<Bytes>) {
    let mut from = 0;
    for range in hidden.iter().cloned().chain(std::iter::once(events.len()..events.len())) {
        if from < range.start {
            ready.push_back(events.slice(from..range.start));
        }
        from = range.end;
    }
}

#[cfg(test)]
mod tests;
