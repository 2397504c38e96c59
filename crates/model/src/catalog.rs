//! Providers (upstreams) and models (public names with targets and prices).

use crate::id::{ModelName, ProviderName};
use crate::money::Usd;
use serde::{Deserialize, Serialize};

/// What an upstream speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Anything that speaks OpenAI's API at `base_url` (which ends before `/chat/completions`).
    OpenaiCompatible,
    /// Built in: answers at once and offline.
    Echo,
}

impl ProviderKind {
    /// The word in the database, the API and the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiCompatible => "openai_compatible",
            Self::Echo => "echo",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::OpenaiCompatible, Self::Echo].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the echo provider does; all off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EchoOptions {
    /// Pause before each chunk, in milliseconds.
    pub chunk_delay_ms: u32,
    /// Number of chunks; 0: one for each word of the last user message.
    pub chunks: u32,
    /// Pause before the first chunk, in milliseconds.
    pub first_chunk_delay_ms: u32,
    /// Answer with this HTTP status instead; 0: don't.
    pub fail_status: u16,
    /// Break off after this many chunks; 0: don't.
    pub fail_after_chunks: u32,
}

/// An upstream. Its credential is not here: it is sealed in the store and opened for the gateway only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Name.
    pub name: ProviderName,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Address up to and including the version, e.g. `https://api.openai.com/v1`; empty for `echo`.
    pub base_url: String,
    /// Whether sandbox keys reach it.
    pub sandbox: bool,
    /// Whether its host may resolve to private or loopback addresses.
    pub allow_private_addresses: bool,
    /// For the echo provider.
    pub options: EchoOptions,
    /// Whether a credential is set.
    pub has_credential: bool,
    /// Whether the configuration file owns it (read-only in pages and API).
    pub from_configuration: bool,
}

/// Prices in US dollars. What is left out is not charged, and makes the model unpriced when all are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Per million input tokens.
    pub input_per_million_usd: Option<Usd>,
    /// Per million cached input tokens; the input price when left out.
    pub cached_input_per_million_usd: Option<Usd>,
    /// Per million output tokens.
    pub output_per_million_usd: Option<Usd>,
}

impl Prices {
    /// What a request with these tokens costs. `cached` is part of `input`.
    pub fn cost(&self, input: u64, cached: u64, output: u64) -> Usd {
        let input_price = self.input_per_million_usd.unwrap_or_default();
        let cached_price = self.cached_input_per_million_usd.unwrap_or(input_price);
        let cached = cached.min(input);
        input_price.per_million(input - cached)
            + cached_price.per_million(cached)
            + self.output_per_million_usd.unwrap_or_default().per_million(output)
    }
}

/// One place that a model's requests can go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Which provider.
    pub provider: ProviderName,
    /// What the upstream calls the model.
    pub upstream_model: String,
    /// Share of requests among the targets, from 1.
    #[serde(default = "one")]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

/// A public model name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// What a client sends as `model`.
    pub name: ModelName,
    /// Where requests go.
    pub targets: Vec<Target>,
    /// Prices.
    pub prices: Prices,
    /// Whether the configuration file owns it.
    pub from_configuration: bool,
}
