//! Reads usage from a stream as it passes, whatever the chunk boundaries.
//!
//! Whole events go on at once, without a copy; the beginning of an event waits for its end, so that a stream can be
//! ended between two events and the usage event can be hidden from a client that didn't ask for it.

use crate::Shape;
use crate::tokens::TokenCounts;
use crate::usage::{Count, Object, Reported, Sign, TEXT, strings_under};
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
    choices: Option<Vec<Object<Choice>>>,
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
struct Choice {
    #[serde(default)]
    index: Option<Count>,
}

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    usage: Object<Reported>,
}

fn usage_within(answer: Option<&RawValue>) -> Option<Reported> {
    serde_json::from_str::<Object<Whole>>(answer?.get()).ok()?.0?.usage.0
}

fn usage_of(raw: Option<&RawValue>) -> Option<Reported> {
    serde_json::from_str::<Object<Reported>>(raw?.get()).ok()?.0
}

/// What some servers begin a stream with. To a client it isn't part of the first line.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

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
    /// Whether a line was read.
    begun: bool,
    /// Figures that count as final, unless more text follows.
    usage: Option<TokenCounts>,
    /// What an Anthropic stream said so far.
    so_far: Reported,
    /// The most that other streams said before their end.
    early: TokenCounts,
    /// How many choices a chat is known to have: the figures of the first to end aren't those of all.
    choices: u64,
    /// How many of them, or of an answer's other parts, have ended.
    finished: u64,
    /// Whether the last thing that happened to the text was that a part of it ended.
    ending: bool,
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
            begun: false,
            usage: None,
            so_far: Reported::default(),
            early: TokenCounts::default(),
            choices: 1,
            finished: 0,
            ending: false,
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

    /// Whether all that is missing may be the usage: the text seems to be over, by a `finish_reason` or the end of its
    /// block, and its usage hasn't come.
    pub fn awaits_usage(&self) -> bool {
        self.ending && self.usage.is_none() && !self.done
    }

    /// What is known of the usage so far: an Anthropic stream says at its start how long the prompt was, and others
    /// may count along.
    pub fn partial(&self) -> TokenCounts {
        self.usage.or_else(|| self.so_far.counts(self.shape)).unwrap_or(self.early)
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

    fn read_line(&mut self, mut line: &[u8]) {
        if !mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
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
        let (text, ends) = match self.shape {
            // Later events of this shape repeat what the deltas said.
            Shape::Responses => strings_under(data, &[b"delta"], &ITEM_ENDS),
            Shape::Messages => strings_under(data, &TEXT, &BLOCK_ENDS),
            _ => strings_under(data, &TEXT, &CHOICE_ENDS),
        };
        self.count_text(text);
        if text > 0 {
            self.ending = false;
            // Whatever was said of the usage wasn't said of this.
            if let Some(usage) = self.usage.take() {
                self.said_early(usage);
            }
        }
        if ends > 0 {
            self.finished = self.finished.saturating_add(ends);
            self.ending = true;
        }
        // Most events carry text and nothing else: they aren't parsed.
        if !self.telling().iter().any(|word| memmem::find(data, word).is_some()) {
            return;
        }
        let Ok(Object(Some(event))) = serde_json::from_slice::<Object<Data<'_>>>(data) else { return };
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
                let choices = event.choices.unwrap_or_default();
                for choice in &choices {
                    let index = choice.0.as_ref().and_then(|choice| choice.index);
                    self.choices = self.choices.max(index.map_or(0, Count::number).saturating_add(1));
                }
                if let Some(counts) = usage_of(event.usage).and_then(|usage| usage.counts(self.shape)) {
                    self.is_usage = choices.is_empty();
                    // Beside choices it is the usage of all once all have ended; before, some servers count along.
                    if self.is_usage || self.ending && self.finished >= self.choices {
                        self.report(Some(counts));
                    } else {
                        self.said_early(counts);
                    }
                }
            }
        }
    }

    fn said_early(&mut self, counts: TokenCounts) {
        self.early.input = self.early.input.max(counts.input);
        self.early.output = self.early.output.max(counts.output);
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

/// By what each shape shows that text has ended.
const CHOICE_ENDS: Sign = Sign { name: b"finish_reason", text: None };
const BLOCK_ENDS: Sign = Sign { name: b"type", text: Some(b"content_block_stop") };
const ITEM_ENDS: Sign = Sign { name: b"type", text: Some(b"response.output_item.done") };

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
