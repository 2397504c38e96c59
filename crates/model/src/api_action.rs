//! What a key may do on the data path: one word for each kind of call, the same in `allowed_actions`, on usage rows and
//! on pages.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ApiAction {
    /// `POST /v1/chat/completions`.
    #[serde(rename = "chat.completions")]
    ChatCompletions,
    /// `POST /v1/completions`.
    #[serde(rename = "completions")]
    Completions,
    /// `POST /v1/responses`.
    #[serde(rename = "responses")]
    Responses,
    /// `POST /v1/embeddings`.
    #[serde(rename = "embeddings")]
    Embeddings,
    /// `POST /v1/messages`.
    #[serde(rename = "messages")]
    Messages,
    /// `POST /v1/messages/count_tokens`.
    #[serde(rename = "messages.count_tokens")]
    CountTokens,
    /// `POST /v1/images/generations`, `/edits` and `/variations`.
    #[serde(rename = "images")]
    Images,
    /// `POST /v1/audio/speech`, `/transcriptions` and `/translations`.
    #[serde(rename = "audio")]
    Audio,
    /// `POST /v1/moderations`.
    #[serde(rename = "moderations")]
    Moderations,
    /// `GET /v1/models` and `GET /v1/models/{id}`.
    #[serde(rename = "models")]
    Models,
}

impl ApiAction {
    /// All of them, in the order in which forms show them.
    pub const ALL: [Self; 10] = [
        Self::ChatCompletions,
        Self::Completions,
        Self::Responses,
        Self::Embeddings,
        Self::Messages,
        Self::CountTokens,
        Self::Images,
        Self::Audio,
        Self::Moderations,
        Self::Models,
    ];

    /// The word in the database, the API and on pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat.completions",
            Self::Completions => "completions",
            Self::Responses => "responses",
            Self::Embeddings => "embeddings",
            Self::Messages => "messages",
            Self::CountTokens => "messages.count_tokens",
            Self::Images => "images",
            Self::Audio => "audio",
            Self::Moderations => "moderations",
            Self::Models => "models",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

impl fmt::Display for ApiAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_everywhere() {
        for action in ApiAction::ALL {
            assert_eq!(ApiAction::parse(action.as_str()), Some(action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
    }
}
