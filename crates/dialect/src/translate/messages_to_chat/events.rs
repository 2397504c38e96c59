//! The chunks of a streamed chat completion as the events of an Anthropic stream.
//!
//! Content blocks come one after the other, as Anthropic's clients expect: a block ends where another kind of content,
//! or the next tool call, begins. The end is told only when the provider's stream ends, since the usage comes last.

use super::{ASSISTANT, legacy_call, stop_reason};
use crate::Shape;
use crate::tokens::TokenCounts;
use crate::translate::chat::{Incoming, IncomingCall, IncomingChoice};
use crate::translate::messages::{Message, Usage};
use crate::translate::{BadAnswer, write_event};
use serde::Serialize;

/// One event for an Anthropic client.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart { message: Message<'a> },
    ContentBlockStart { index: u64, content_block: Start<'a> },
    ContentBlockDelta { index: u64, delta: Delta<'a> },
    ContentBlockStop { index: u64 },
    MessageDelta { delta: End, usage: Usage },
    MessageStop,
}

impl Event<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop => "message_stop",
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Start<'a> {
    Text { text: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Empty },
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta<'a> {
    TextDelta { text: &'a str },
    InputJsonDelta { partial_json: &'a str },
}

#[derive(Serialize)]
struct End {
    stop_reason: &'static str,
    stop_sequence: Option<&'static str>,
}

/// What the open content block holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    /// The call with this number.
    Call(u64),
}

/// The translation of one stream.
pub struct Events {
    model: String,
    id: String,
    input_estimate: u64,
    begun: bool,
    open: Option<Open>,
    /// Content blocks so far, the open one included.
    blocks: u64,
    /// The highest number of a call so far.
    last_call: Option<u64>,
    refused: bool,
    finish: Option<String>,
    usage: Option<TokenCounts>,
    /// Bytes of text and arguments so far.
    text: u64,
    done: bool,
}

impl Events {
    /// A translation for the client that called `client_model`. `input_estimate` is what the first event says of the
    /// prompt's length, 0 if nothing is known; the last one corrects it.
    pub fn new(client_model: impl Into<String>, id: impl Into<String>, input_estimate: u64) -> Self {
        Self {
            model: client_model.into(),
            id: id.into(),
            input_estimate,
            begun: false,
            open: None,
            blocks: 0,
            last_call: None,
            refused: false,
            finish: None,
            usage: None,
            text: 0,
            done: false,
        }
    }

    /// Whether `message_stop` or an error ended the stream: nothing more will be written.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// What the provider reported as used.
    pub fn usage(&self) -> Option<TokenCounts> {
        self.usage
    }

    /// Takes the data of one event, `[DONE]` included; what the client gets is added to `out`. After an error nothing
    /// more is written.
    pub fn push(&mut self, event: &[u8], out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.done {
            return Ok(());
        }
        let result = self.translate(event, out);
        self.done |= result.is_err();
        result
    }

    /// The provider's stream is over. An answer that had come to its end is finished; one that broke off stays so.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.done || self.finish.is_none() { Ok(()) } else { self.end(out) }
    }

    fn translate(&mut self, json: &[u8], out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if json.trim_ascii() == b"[DONE]" {
            return self.end(out);
        }
        let chunk: Incoming<'_> = serde_json::from_slice(json)?;
        if chunk.error.is_some() {
            return Err(BadAnswer::upstream(json));
        }
        self.begin(out)?;
        self.usage = chunk.usage.and_then(|usage| usage.counts(Shape::ChatCompletions)).or(self.usage);
        for choice in chunk.choices.unwrap_or_default() {
            if choice.index.unwrap_or(0) == 0 {
                self.choice(choice, out)?;
            }
        }
        Ok(())
    }

    fn choice(&mut self, choice: IncomingChoice<'_>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if let Some(delta) = choice.message {
            if delta.function_call.is_some() {
                return Err(legacy_call());
            }
            self.refused |= delta.refusal.is_some();
            for text in [delta.content, delta.refusal].into_iter().flatten().filter(|text| !text.is_empty()) {
                self.text(&text, out)?;
            }
            for call in delta.tool_calls.unwrap_or_default() {
                self.call(call, out)?;
            }
        }
        if let Some(reason) = choice.finish_reason {
            self.finish.get_or_insert(reason.into_owned());
        }
        Ok(())
    }

    fn text(&mut self, text: &str, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.open != Some(Open::Text) {
            self.start(Open::Text, Start::Text { text: "" }, out)?;
        }
        self.delta(text.len(), Delta::TextDelta { text }, out)
    }

    fn call(&mut self, call: IncomingCall, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        let (name, arguments) =
            call.function.map_or((None, None), |function| (function.name, function.arguments));
        // Servers without numbers send each call whole.
        let number = call.index.unwrap_or_else(|| match (self.last_call, &name) {
            (None, _) => 0,
            (Some(last), Some(_)) => last.saturating_add(1),
            (Some(last), None) => last,
        });
        if self.open != Some(Open::Call(number)) {
            if self.last_call.is_some_and(|last| number <= last) {
                return Err(BadAnswer::unreadable("a tool call goes on after the next one began"));
            }
            let (Some(id), Some(name)) = (call.id, name) else {
                return Err(BadAnswer::unreadable("a tool call lacks its id or name"));
            };
            self.last_call = Some(number);
            self.start(Open::Call(number), Start::ToolUse { id: &id, name: &name, input: Empty {} }, out)?;
        }
        match arguments.as_deref() {
            None | Some("") => Ok(()),
            Some(partial_json) => self.delta(partial_json.len(), Delta::InputJsonDelta { partial_json }, out),
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let estimate = TokenCounts { input: self.input_estimate, ..TokenCounts::default() };
        let message = Message {
            id: &self.id,
            kind: "message",
            role: ASSISTANT,
            model: &self.model,
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: estimate.into(),
        };
        write(&Event::MessageStart { message }, out)
    }

    fn start(&mut self, open: Open, content_block: Start<'_>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        self.stop(out)?;
        self.open = Some(open);
        self.blocks += 1;
        write(&Event::ContentBlockStart { index: self.blocks - 1, content_block }, out)
    }

    fn delta(&mut self, bytes: usize, delta: Delta<'_>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        self.text = self.text.saturating_add(bytes as u64);
        write(&Event::ContentBlockDelta { index: self.blocks.saturating_sub(1), delta }, out)
    }

    fn stop(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match self.open.take() {
            Some(_) => write(&Event::ContentBlockStop { index: self.blocks.saturating_sub(1) }, out),
            None => Ok(()),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        self.begin(out)?;
        self.stop(out)?;
        let counts = self.usage.unwrap_or(TokenCounts {
            input: self.input_estimate,
            output: self.text.div_ceil(4),
            ..TokenCounts::default()
        });
        let stop_reason = stop_reason(self.finish.as_deref(), self.last_call.is_some(), self.refused);
        let delta = End { stop_reason, stop_sequence: None };
        write(&Event::MessageDelta { delta, usage: counts.into() }, out)?;
        self.done = true;
        write(&Event::MessageStop, out)
    }
}

fn write(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
    write_event(out, Some(event.name()), event)
}
