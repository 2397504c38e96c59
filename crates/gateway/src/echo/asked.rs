//! What a request asks of the echo provider: the few fields that it heeds.

use super::heard::{Heard, Text};
use super::inputs::Inputs;
use crate::error::{ApiError, Code};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields of every endpoint that are heeded. Most stay unread until it is known that they matter.
#[derive(Deserialize)]
pub(super) struct Asked<'a> {
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    dimensions: Option<&'a RawValue>,
    #[serde(borrow)]
    encoding_format: Option<&'a RawValue>,
    pub(super) max_tokens: Option<u64>,
    pub(super) max_completion_tokens: Option<u64>,
    pub(super) max_output_tokens: Option<u64>,
}

impl<'a> Asked<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, ApiError> {
        serde_json::from_slice(body).map_err(|_| Code::InvalidRequest.into())
    }

    pub(super) fn messages(&self) -> Result<Heard, ApiError> {
        read("messages", self.messages, "a list of messages, each with a role and content")
            .map(Option::unwrap_or_default)
    }

    pub(super) fn prompt(&self) -> Result<Vec<Text>, ApiError> {
        let inputs: Option<Inputs> = read("prompt", self.prompt, INPUTS)?;
        inputs.map_or_else(|| Ok(Vec::new()), |inputs| inputs.texts("prompt"))
    }

    pub(super) fn inputs(&self) -> Result<Inputs, ApiError> {
        read("input", self.input, INPUTS)?.ok_or_else(|| ApiError::invalid("input", "input is missing."))
    }

    /// `input` where it is a conversation.
    pub(super) fn items(&self) -> Result<Heard, ApiError> {
        read("input", self.input, "a string, or a list of items").map(Option::unwrap_or_default)
    }

    /// Words of what leads a conversation.
    pub(super) fn instructions(&self) -> Result<u64, ApiError> {
        words("instructions", self.instructions)
    }

    /// The same, as Anthropic calls it.
    pub(super) fn system(&self) -> Result<u64, ApiError> {
        words("system", self.system)
    }

    pub(super) fn dimensions(&self, most: u16) -> Result<Option<u16>, ApiError> {
        let must_be = format!("a whole number from 1 to {most}");
        match read("dimensions", self.dimensions, &must_be)? {
            Some(number) if !(1..=most).contains(&number) => Err(refused("dimensions", &must_be)),
            other => Ok(other),
        }
    }

    pub(super) fn encoding_format(&self) -> Result<Encoding, ApiError> {
        read("encoding_format", self.encoding_format, "float or base64").map(Option::unwrap_or_default)
    }
}

const INPUTS: &str = "a string or tokens, or a list of at most 2048 of them";

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    #[default]
    Float,
    /// Of 32-bit floats, the least byte first.
    Base64,
}

fn words(field: &'static str, raw: Option<&RawValue>) -> Result<u64, ApiError> {
    read::<Text>(field, raw, "text").map(|text| text.unwrap_or_default().words)
}

/// A field, read as what it must be. What it is instead isn't said again.
fn read<'a, T: Deserialize<'a>>(
    field: &'static str,
    raw: Option<&'a RawValue>,
    must_be: &str,
) -> Result<Option<T>, ApiError> {
    raw.map(|raw| serde_json::from_str(raw.get())).transpose().map_err(|_| refused(field, must_be))
}

fn refused(field: &'static str, must_be: &str) -> ApiError {
    ApiError::invalid(field, format!("{field} must be {must_be}."))
}
