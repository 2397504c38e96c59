//! The usage ledger: one row for each attempt to reach an upstream, and for each refused request with a known key.

use crate::api_action::ApiAction;
use crate::id::{KeyId, ModelName, ProviderName, RequestId, TenantId, UserId, UserPath};
use crate::key::Tags;
use crate::money::Usd;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered to the end.
    Completed,
    /// The upstream answered with an error, or none answered.
    UpstreamError,
    /// The client went away.
    ClientGone,
    /// Cut by the operator's side: key revoked, owner inactive and so on.
    Cut,
    /// The gateway stopped while it ran; settled at its reservation.
    Interrupted,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Completed, Self::UpstreamError, Self::ClientGone, Self::Cut, Self::Interrupted];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::UpstreamError => "upstream_error",
            Self::ClientGone => "client_gone",
            Self::Cut => "cut",
            Self::Interrupted => "interrupted",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// Where token figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenSource {
    /// The upstream said so.
    Reported,
    /// Counted or reserved here.
    Estimated,
}

impl TokenSource {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Estimated => "estimated",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Reported, Self::Estimated].into_iter().find(|source| source.as_str() == text)
    }
}

/// One row of the ledger. Idempotent by request id and attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageRow {
    /// The request.
    pub request_id: RequestId,
    /// From 1.
    pub attempt: u16,
    /// When the attempt was sent.
    pub started_at: Timestamp,
    /// Key.
    pub key_id: KeyId,
    /// Tenant of the key.
    pub tenant_id: TenantId,
    /// Owner of the key, if a person.
    pub user_id: Option<UserId>,
    /// User path of the key.
    pub user_path: Option<UserPath>,
    /// Which of the key's secrets was used, counted from 1.
    #[serde(default = "first")]
    pub secret_generation: u32,
    /// The end user behind the request: an e-mail address, or a verified token's subject.
    #[serde(default)]
    pub identity: Option<String>,
    /// The conversation that the client named.
    #[serde(default)]
    pub conversation_id: Option<String>,
    /// What the client called.
    pub endpoint: ApiAction,
    /// The model that the client named.
    pub model: ModelName,
    /// Where it went.
    pub provider: ProviderName,
    /// What the upstream calls the model.
    pub upstream_model: String,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// HTTP status that the client got.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// Input tokens.
    pub input_tokens: u64,
    /// Of these, cached.
    pub cached_input_tokens: u64,
    /// Of the input tokens, those written to the provider's cache.
    #[serde(default)]
    pub cache_write_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Of the output tokens, those spent on reasoning.
    #[serde(default)]
    pub reasoning_tokens: u64,
    /// Reported or estimated.
    pub token_source: TokenSource,
    /// Cost at the model's prices.
    pub cost_usd: Usd,
    /// From request to the first byte of the answer, in microseconds.
    pub first_byte_micros: Option<u64>,
    /// From request to the end, in microseconds.
    pub total_micros: u64,
    /// Tags bound to the key.
    pub key_tags: Tags,
    /// Tags that the client sent, stored as `req::name`.
    #[serde(default)]
    pub request_tags: Tags,
}

/// Whose usage: everything that a limit can be about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageDims {
    /// The key.
    pub key_id: KeyId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// Its owner, if that is a person.
    pub user_id: Option<UserId>,
    /// Its user path.
    pub user_path: Option<UserPath>,
    /// The end user behind it.
    pub identity: Option<String>,
}

/// Sums over a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageTotal {
    /// Whose.
    pub of: UsageDims,
    /// How many requests, repeated attempts not counted.
    pub requests: u64,
    /// Input and output tokens.
    pub tokens: u64,
}

/// One request with all its attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageOfRequest {
    /// Whose.
    pub of: UsageDims,
    /// When its first attempt was sent.
    pub at: Timestamp,
    /// Input and output tokens.
    pub tokens: u64,
}

fn first() -> u32 {
    1
}
