//! Text completions: the prompt comes back. A list of prompts is one, and a token is the word of its number.

use super::Labels;
use super::asked::Asked;
use super::choices::{Choices, Part};
use super::heard::Text;
use super::speech::Speech;
use crate::error::ApiError;
use serde_json::{Value, json};

pub(super) static FORM: Choices =
    Choices { id: "cmpl-", plain: "text_completion", chunk: "text_completion", choice };

pub(super) fn speech(asked: &Asked<'_>, labels: &Labels<'_>, chunks: u32) -> Result<Speech, ApiError> {
    let prompts = asked.prompt()?;
    let words = prompts.iter().map(|prompt| prompt.words).sum();
    let mut all = Text::default();
    for prompt in &prompts {
        all.add(&prompt.head);
    }
    Ok(Speech::new(labels, all.head, words, asked.max_tokens, chunks))
}

fn choice(part: Part<'_>) -> Value {
    match part {
        Part::Whole(text) | Part::First(text) | Part::More(text) => json!({"text": text}),
        Part::End => json!({"text": ""}),
    }
}
