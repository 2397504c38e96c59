//! Chat completions: the last message of the user comes back.

use super::Labels;
use super::asked::Asked;
use super::choices::{Choices, Part};
use super::speech::Speech;
use crate::error::ApiError;
use serde_json::{Value, json};

pub(super) static FORM: Choices =
    Choices { id: "chatcmpl-", plain: "chat.completion", chunk: "chat.completion.chunk", choice };

pub(super) fn speech(asked: &Asked<'_>, labels: &Labels<'_>, chunks: u32) -> Result<Speech, ApiError> {
    let heard = asked.messages()?;
    let most = asked.max_completion_tokens.max(asked.max_tokens);
    Ok(Speech::new(labels, heard.last, heard.words, most, chunks))
}

fn choice(part: Part<'_>) -> Value {
    match part {
        Part::Whole(text) => json!({"message": {"role": "assistant", "content": text, "refusal": null}}),
        Part::First(text) => json!({"delta": {"role": "assistant", "content": text}}),
        Part::More(text) => json!({"delta": {"content": text}}),
        Part::End => json!({"delta": {}}),
    }
}
