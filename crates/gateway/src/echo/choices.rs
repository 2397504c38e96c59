//! The older shapes, which have choices: chat completions and text completions.

use super::form::Form;
use super::speech::Speech;
use bytes::Bytes;
use serde_json::{Value, json};

/// What the two differ in.
pub(super) struct Choices {
    /// How ids begin.
    pub(super) id: &'static str,
    /// The name of a plain answer, and of a chunk.
    pub(super) plain: &'static str,
    pub(super) chunk: &'static str,
    /// A choice, without what both have.
    pub(super) choice: fn(Part<'_>) -> Value,
}

/// What a choice holds.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Whole(&'a str),
    First(&'a str),
    More(&'a str),
    End,
}

fn finish_reason(speech: &Speech) -> &'static str {
    if speech.is_cut_short() { "length" } else { "stop" }
}

fn usage(speech: &Speech) -> Value {
    let (prompt, completion) = (speech.prompt_tokens, speech.said());
    json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion})
}

impl Choices {
    fn object(&self, speech: &Speech, name: &str, choices: Value, usage: Value) -> Value {
        json!({
            "id": format!("{}{}", self.id, speech.id), "object": name, "created": speech.created,
            "model": speech.model, "choices": choices, "usage": usage,
        })
    }

    fn choices(&self, part: Part<'_>, finish_reason: Option<&str>) -> Value {
        let mut choice = (self.choice)(part);
        choice["index"] = 0.into();
        choice["logprobs"] = Value::Null;
        choice["finish_reason"] = finish_reason.into();
        json!([choice])
    }

    fn event(&self, speech: &Speech, choices: Value, usage: Value) -> Bytes {
        format!("data: {}\n\n", self.object(speech, self.chunk, choices, usage)).into()
    }
}

impl Form for Choices {
    fn opening(&self, _: &Speech, _: u64) -> Option<Bytes> {
        None
    }

    fn chunk(&self, speech: &Speech, number: u64) -> Bytes {
        let text = speech.chunk(number);
        let part = if number == 0 { Part::First(&text) } else { Part::More(&text) };
        self.event(speech, self.choices(part, None), Value::Null)
    }

    fn closing(&self, speech: &Speech, number: u64) -> Option<Bytes> {
        match number {
            0 => Some(self.event(speech, self.choices(Part::End, Some(finish_reason(speech))), Value::Null)),
            // Hidden from a client that didn't ask for it on its way.
            1 => Some(self.event(speech, json!([]), usage(speech))),
            2 => Some(Bytes::from_static(b"data: [DONE]\n\n")),
            _ => None,
        }
    }

    fn plain(&self, speech: &Speech) -> Value {
        let choices = self.choices(Part::Whole(&speech.whole()), Some(finish_reason(speech)));
        self.object(speech, self.plain, choices, usage(speech))
    }
}
