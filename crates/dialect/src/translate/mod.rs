//! Calls in one dialect to a model that speaks the other.
//!
//! Requests are read strictly: a field that the other dialect can't express, or that nobody knows, is refused by
//! name. Answers are read leniently where nothing is lost: fields that only one dialect has are left out.

pub mod chat_to_messages;
pub mod messages_to_chat;

mod chat;
mod fields;
mod messages;

use crate::errors;
use serde::Serialize;
use std::fmt;

/// Tokens of thinking for each effort. One table, read from the left for what an OpenAI client asks for, from the
/// right for what an Anthropic client allows.
const EFFORTS: [(&str, u64); 4] = [("low", 1024), ("medium", 2048), ("high", 8192), ("xhigh", 16_384)];

/// A request that the other dialect has no words for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untranslatable {
    /// Path of the field, such as `messages[2].content[0].type`; `body` for the whole.
    pub field: String,
    /// What is wrong, and what to do instead.
    pub message: String,
}

impl fmt::Display for Untranslatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl std::error::Error for Untranslatable {}

/// An answer of a provider that can't be put in the client's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAnswer {
    /// It isn't what the provider's dialect allows. Never quotes the answer.
    Unreadable {
        /// What is wrong with it.
        reason: String,
    },
    /// The provider reported an error where an answer should be.
    Upstream {
        /// The provider's word for it, such as `overloaded_error`.
        kind: String,
        /// The provider's message.
        message: String,
    },
}

impl BadAnswer {
    fn unreadable(reason: &str) -> Self {
        Self::Unreadable { reason: reason.to_owned() }
    }

    /// The error that `json` reports.
    fn upstream(json: &[u8]) -> Self {
        let told = errors::told(json);
        let (kind, message) = told.map_or((None, None), |told| (told.kind, Some(told.message)));
        Self::Upstream {
            kind: kind.unwrap_or_else(|| "api_error".to_owned()),
            message: message.unwrap_or_else(|| "The provider reported an error.".to_owned()),
        }
    }
}

impl fmt::Display for BadAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { reason } => write!(f, "the provider's answer can't be read: {reason}"),
            Self::Upstream { kind, message } => write!(f, "the provider reported {kind}: {message}"),
        }
    }
}

impl std::error::Error for BadAnswer {}

impl From<serde_json::Error> for BadAnswer {
    fn from(error: serde_json::Error) -> Self {
        // The error's own text may quote the answer.
        let reason = if error.is_data() { "a value has the wrong type" } else { "it is not valid JSON" };
        Self::unreadable(reason)
    }
}

/// Writes one event of a stream.
fn write_event(out: &mut Vec<u8>, name: Option<&str>, data: &impl Serialize) -> Result<(), BadAnswer> {
    if let Some(name) = name {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    serde_json::to_writer(&mut *out, data)?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}

#[cfg(test)]
mod tests;
