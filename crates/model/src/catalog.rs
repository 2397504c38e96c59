//! Providers (upstreams) and models (public names with targets and prices).

use crate::error::FieldError;
use crate::id::{ModelName, ProviderName};
use crate::money::Usd;
use serde::{Deserialize, Serialize};

mod address;
mod callers;
mod change;
mod credential;
mod view;

pub use crate::id::ModelLabel;
pub use address::Origin;
pub use callers::{CallingKey, ModelCallers, RuleEffect};
pub use change::{CredentialChange, ModelChange, ProviderChange};
pub use credential::NewCredential;
pub use view::{BreakerState, ModelDetail, OfferedModel, ProbeResult, ProviderDetail, TargetHealth};

/// What an upstream speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// OpenAI: `base_url` ends before `/chat/completions`, e.g. `https://api.openai.com/v1`.
    Openai,
    /// Anthropic: `base_url` ends before `/messages`, e.g. `https://api.anthropic.com/v1`.
    Anthropic,
    /// Azure `OpenAI`: `base_url` is the resource, e.g. `https://example.openai.azure.com`; a target's upstream model is
    /// the deployment's name.
    AzureOpenai,
    /// Anything that speaks OpenAI's API at `base_url` (which ends before `/chat/completions`).
    OpenaiCompatible,
    /// Built in: answers at once and offline.
    Echo,
}

impl ProviderKind {
    /// All of them, in the order in which forms show them.
    pub const ALL: [Self; 5] =
        [Self::Openai, Self::Anthropic, Self::AzureOpenai, Self::OpenaiCompatible, Self::Echo];

    /// The word in the database, the API and the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::AzureOpenai => "azure_openai",
            Self::OpenaiCompatible => "openai_compatible",
            Self::Echo => "echo",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Openai => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::AzureOpenai => "Azure OpenAI",
            Self::OpenaiCompatible => "OpenAI-compatible",
            Self::Echo => "Echo (built in)",
        }
    }

    /// The address that is meant by `given`: without slashes at its end, and the usual one when it is empty.
    pub fn base_url(self, given: &str) -> String {
        match (given, self.usual_base_url()) {
            ("", Some(usual)) => usual.to_owned(),
            (given, _) => given.trim_end_matches('/').to_owned(),
        }
    }

    /// The usual address of this kind, if there is one.
    pub const fn usual_base_url(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("https://api.openai.com/v1"),
            Self::Anthropic => Some("https://api.anthropic.com/v1"),
            Self::AzureOpenai | Self::OpenaiCompatible | Self::Echo => None,
        }
    }
}

/// What differs from kind to kind; all off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderOptions {
    /// `azure_openai`: the API's version, e.g. `2024-10-21`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `echo`: pause before each chunk, in milliseconds.
    pub chunk_delay_ms: u32,
    /// `echo`: number of chunks; 0: one for each word of the last user message.
    pub chunks: u32,
    /// `echo`: pause before the first chunk, in milliseconds.
    pub first_chunk_delay_ms: u32,
    /// `echo`: answer with this HTTP status instead; 0: don't.
    pub fail_status: u16,
    /// `echo`: break off after this many chunks; 0: don't.
    pub fail_after_chunks: u32,
}

/// An upstream. Its credential is not here: it is sealed in the store and opened for the gateway only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Name.
    pub name: ProviderName,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Its address, see [`ProviderKind`]; empty for `echo`.
    pub base_url: String,
    /// Whether sandbox keys reach it.
    pub sandbox: bool,
    /// Whether its host may resolve to private or loopback addresses.
    pub allow_private_addresses: bool,
    /// What differs from kind to kind.
    pub options: ProviderOptions,
    /// Whether a credential is set.
    pub has_credential: bool,
    /// Whether the configuration file owns it (read-only in pages and API).
    pub from_configuration: bool,
}

/// What a caller may say of a new provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    /// Name; can't change.
    pub name: ProviderName,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Its address, see [`ProviderKind`]; the usual one of its kind when empty, if there is one.
    #[serde(default)]
    pub base_url: String,
    /// Its credential: write-only. Left out or empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<NewCredential>,
    /// Whether sandbox keys reach it.
    #[serde(default)]
    pub sandbox: bool,
    /// Whether its host may resolve to private or loopback addresses.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// What differs from kind to kind.
    #[serde(default)]
    pub options: ProviderOptions,
}

impl NewProvider {
    /// What is wrong with these fields by themselves. Empty when nothing is.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = check_provider(self.kind, &self.base_url, &self.options);
        errors.extend(self.api_key.as_ref().and_then(NewCredential::check));
        errors
    }

    /// The provider that is asked for, and its credential.
    pub fn into_provider(self) -> (Provider, Option<NewCredential>) {
        let Self { name, kind, base_url, api_key, sandbox, allow_private_addresses, options } = self;
        let credential = api_key.filter(|credential| !credential.is_empty());
        let provider = Provider {
            name,
            kind,
            base_url: kind.base_url(&base_url),
            sandbox,
            allow_private_addresses,
            options,
            has_credential: credential.is_some(),
            from_configuration: false,
        };
        (provider, credential)
    }
}

/// What is wrong with a provider's address and options. An empty address is fine where there is a usual one.
pub fn check_provider(kind: ProviderKind, base_url: &str, options: &ProviderOptions) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let is_echo = kind == ProviderKind::Echo;
    if is_echo {
        if !base_url.is_empty() {
            errors.push(FieldError::new("base_url", "the echo provider has no address; leave this out"));
        }
    } else if !base_url.is_empty() || kind.usual_base_url().is_none() {
        errors.extend(address::check(base_url));
    }
    match (&options.api_version, kind) {
        (None, ProviderKind::AzureOpenai) => {
            errors.push(FieldError::new("options.api_version", "must be given, e.g. 2024-10-21"));
        }
        (Some(_), kind) if kind != ProviderKind::AzureOpenai => {
            errors.push(FieldError::new("options.api_version", "is for azure_openai only; leave it out"));
        }
        (Some(version), _)
            if version.is_empty()
                || version.len() > 40
                || !version.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
        {
            errors.push(FieldError::new("options.api_version", "must be a version such as 2024-10-21"));
        }
        _ => {}
    }
    let echo_only =
        ProviderOptions { api_version: options.api_version.clone(), ..ProviderOptions::default() };
    if !is_echo && *options != echo_only {
        errors.push(FieldError::new("options", "the echo provider's options are for kind echo only"));
    }
    errors
}

/// Prices in US dollars. What is left out is not charged, and makes the model unpriced when all are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Per million input tokens.
    pub input_per_million_usd: Option<Usd>,
    /// Per million cached input tokens; the input price when left out.
    pub cached_input_per_million_usd: Option<Usd>,
    /// Per million tokens written to the provider's cache; the input price when left out.
    pub cache_write_per_million_usd: Option<Usd>,
    /// Per million output tokens.
    pub output_per_million_usd: Option<Usd>,
    /// Per million reasoning tokens; the output price when left out.
    pub reasoning_per_million_usd: Option<Usd>,
    /// For each request that was answered.
    pub per_request_usd: Option<Usd>,
    /// For each image that was made.
    pub per_image_usd: Option<Usd>,
    /// For each second of audio.
    pub per_audio_second_usd: Option<Usd>,
}

/// What a request used, for its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quantities {
    /// Input tokens, cached and cache-written ones included.
    pub input: u64,
    /// Of these, read from the provider's cache.
    pub cached_input: u64,
    /// Of these, written to the provider's cache.
    pub cache_write: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
    /// Images that were made.
    pub images: u64,
    /// Milliseconds of audio, heard or spoken.
    pub audio_millis: u64,
}

impl Prices {
    /// Whether nothing is charged because no price is known.
    pub fn is_unpriced(&self) -> bool {
        *self == Self::default()
    }

    /// What a request costs.
    pub fn cost(&self, used: &Quantities) -> Usd {
        let input_price = self.input_per_million_usd.unwrap_or_default();
        let output_price = self.output_per_million_usd.unwrap_or_default();
        let cached = used.cached_input.min(used.input);
        let written = used.cache_write.min(used.input - cached);
        let reasoning = used.reasoning.min(used.output);
        input_price.per_million(used.input - cached - written)
            + self.cached_input_per_million_usd.unwrap_or(input_price).per_million(cached)
            + self.cache_write_per_million_usd.unwrap_or(input_price).per_million(written)
            + output_price.per_million(used.output - reasoning)
            + self.reasoning_per_million_usd.unwrap_or(output_price).per_million(reasoning)
            + self.per_request_usd.unwrap_or_default()
            + self.per_image_usd.unwrap_or_default().per_million(used.images.saturating_mul(1_000_000))
            + self
                .per_audio_second_usd
                .unwrap_or_default()
                .per_million(used.audio_millis.saturating_mul(1_000))
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
    /// Words by which keys can be allowed to call it.
    pub labels: Vec<ModelLabel>,
    /// Prices.
    pub prices: Prices,
    /// Most output tokens of one answer.
    pub max_output_tokens: Option<u64>,
    /// Most tokens of prompt and answer together.
    pub context_length: Option<u64>,
    /// Whether the configuration file owns it.
    pub from_configuration: bool,
}

/// What a caller may say of a new model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewModel {
    /// What a client sends as `model`; can't change.
    pub name: ModelName,
    /// Where requests go; at least one.
    pub targets: Vec<Target>,
    /// Words by which keys can be allowed to call it.
    #[serde(default)]
    pub labels: Vec<ModelLabel>,
    /// Prices.
    #[serde(default)]
    pub prices: Prices,
    /// Most output tokens of one answer.
    #[serde(default)]
    pub max_output_tokens: Option<u64>,
    /// Most tokens of prompt and answer together.
    #[serde(default)]
    pub context_length: Option<u64>,
}

impl NewModel {
    /// Most targets of a model.
    pub const MAX_TARGETS: usize = 20;
    /// Most labels of a model.
    pub const MAX_LABELS: usize = 20;
    const MAX_TOKENS: u64 = 1_000_000_000;

    /// What is wrong with these fields by themselves. Empty when nothing is.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.targets.is_empty() || self.targets.len() > Self::MAX_TARGETS {
            errors.push(FieldError::new("targets", "must be 1 to 20"));
        }
        for (at, target) in self.targets.iter().enumerate() {
            let name = &target.upstream_model;
            if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
                errors.push(FieldError::new(
                    format!("targets[{at}].upstream_model"),
                    "must be 1 to 200 characters: what the provider calls the model",
                ));
            }
            if target.weight == 0 || target.weight > 1_000_000 {
                errors.push(FieldError::new(format!("targets[{at}].weight"), "must be from 1 to 1,000,000"));
            }
        }
        if self.labels.len() > Self::MAX_LABELS {
            errors.push(FieldError::new("labels", "must be at most 20"));
        }
        for (field, value) in
            [("max_output_tokens", self.max_output_tokens), ("context_length", self.context_length)]
        {
            if value.is_some_and(|tokens| tokens == 0 || tokens > Self::MAX_TOKENS) {
                errors.push(FieldError::new(field, "must be from 1 to 1,000,000,000"));
            }
        }
        errors
    }

    /// The model that is asked for.
    pub fn into_model(self) -> Model {
        let Self { name, targets, labels, prices, max_output_tokens, context_length } = self;
        Model { name, targets, labels, prices, max_output_tokens, context_length, from_configuration: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_price() {
        let price = |text: &str| Some(text.parse().unwrap());
        let plain = Prices {
            input_per_million_usd: price("1"),
            output_per_million_usd: price("2"),
            ..Prices::default()
        };
        let used = Quantities {
            input: 100,
            cached_input: 40,
            cache_write: 10,
            output: 20,
            reasoning: 5,
            images: 2,
            audio_millis: 1_500,
        };
        assert_eq!(plain.cost(&used).as_micros(), 100 + 40);
        let all = Prices {
            cached_input_per_million_usd: price("0.5"),
            cache_write_per_million_usd: price("3"),
            reasoning_per_million_usd: price("4"),
            per_request_usd: price("0.001"),
            per_image_usd: price("0.04"),
            per_audio_second_usd: price("0.0001"),
            ..plain
        };
        assert_eq!(all.cost(&used).as_micros(), 50 + 20 + 30 + 30 + 20 + 1_000 + 80_000 + 150);
        let odd = Quantities {
            input: 1,
            cached_input: 5,
            cache_write: 5,
            output: 1,
            reasoning: 9,
            ..Quantities::default()
        };
        assert_eq!(plain.cost(&odd).as_micros(), 1 + 2, "parts never exceed the whole");
    }

    #[test]
    fn addresses_and_options_fit_the_kind() {
        let fields = |kind, base_url, options: &ProviderOptions| -> Vec<_> {
            check_provider(kind, base_url, options).into_iter().map(|error| error.field).collect()
        };
        let none = ProviderOptions::default();
        assert!(fields(ProviderKind::Openai, "", &none).is_empty());
        assert_eq!(fields(ProviderKind::OpenaiCompatible, "", &none), ["base_url"]);
        assert_eq!(fields(ProviderKind::Openai, "https://u@h/v1", &none), ["base_url"]);
        assert_eq!(fields(ProviderKind::AzureOpenai, "https://h", &none), ["options.api_version"]);
        let chunks = ProviderOptions { chunks: 3, ..none };
        assert_eq!(fields(ProviderKind::Openai, "", &chunks), ["options"]);
        assert!(fields(ProviderKind::Echo, "", &chunks).is_empty());
    }
}
