//! What becomes of a streamed answer's bytes between the upstream and the client.

use bytes::Bytes;
use dialect::Shape;
use dialect::sse::{Meter, Splitter};
use dialect::translate::{BadAnswer, chat_to_messages, messages_to_chat};
use std::collections::VecDeque;

/// How an upstream's bytes become the client's.
pub(super) enum Relay {
    /// As they come, unread but counted.
    Raw(u64),
    /// Events, as they come.
    Events(Meter),
    /// Events, told in the other dialect.
    Translated { meter: Meter, splitter: Splitter, tale: Tale },
}

/// The two translations.
pub(super) enum Tale {
    /// For an `OpenAI` client, from Anthropic's events.
    Chat(Box<chat_to_messages::Events>),
    /// For an Anthropic client, from `OpenAI`'s.
    Messages(Box<messages_to_chat::Events>),
}

impl Tale {
    fn push(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match self {
            Self::Chat(events) => events.push(data, out),
            Self::Messages(events) => events.push(data, out),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BadAnswer> {
        match self {
            Self::Chat(events) => events.finish(out),
            Self::Messages(events) => events.finish(out),
        }
    }
}

impl Relay {
    pub(super) fn events(shape: Shape, hide_usage: bool) -> Self {
        Self::Events(Meter::new(shape, hide_usage))
    }

    pub(super) fn chat(events: chat_to_messages::Events) -> Self {
        Self::translated(Shape::Messages, Tale::Chat(Box::new(events)))
    }

    pub(super) fn messages(events: messages_to_chat::Events) -> Self {
        Self::translated(Shape::ChatCompletions, Tale::Messages(Box::new(events)))
    }

    fn translated(shape: Shape, tale: Tale) -> Self {
        Self::Translated { meter: Meter::new(shape, false), splitter: Splitter::new(), tale }
    }

    pub(super) fn meter(&self) -> Option<&Meter> {
        match self {
            Self::Raw(_) => None,
            Self::Events(meter) | Self::Translated { meter, .. } => Some(meter),
        }
    }

    /// Takes a chunk; what may go on is added to `ready`.
    pub(super) fn push(&mut self, chunk: Bytes, ready: &mut VecDeque<Bytes>) -> Result<(), BadAnswer> {
        match self {
            Self::Raw(bytes) => {
                *bytes += chunk.len() as u64;
                ready.push_back(chunk);
            }
            Self::Events(meter) => meter.push(chunk, ready),
            Self::Translated { meter, splitter, tale } => {
                splitter.push(&chunk);
                meter.push(chunk, &mut VecDeque::new());
                tell(splitter, tale, ready)?;
            }
        }
        Ok(())
    }

    /// What is left at the end of the upstream's answer.
    pub(super) fn finish(&mut self, ready: &mut VecDeque<Bytes>) -> Result<(), BadAnswer> {
        match self {
            Self::Raw(_) => {}
            Self::Events(meter) => meter.finish(ready),
            Self::Translated { meter, splitter, tale } => {
                meter.finish(&mut VecDeque::new());
                splitter.finish();
                tell(splitter, tale, ready)?;
                let mut out = Vec::new();
                tale.finish(&mut out)?;
                pass(out, ready);
            }
        }
        Ok(())
    }
}

fn tell(splitter: &mut Splitter, tale: &mut Tale, ready: &mut VecDeque<Bytes>) -> Result<(), BadAnswer> {
    let mut out = Vec::new();
    let too_long = |_| BadAnswer::Unreadable { reason: "an event is too long".to_owned() };
    while let Some(event) = splitter.next().map_err(too_long)? {
        tale.push(&event.data, &mut out)?;
    }
    pass(out, ready);
    Ok(())
}

fn pass(out: Vec<u8>, ready: &mut VecDeque<Bytes>) {
    if !out.is_empty() {
        ready.push_back(out.into());
    }
}
