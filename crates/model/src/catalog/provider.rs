//! Upstreams: what they speak, where they are, and what may be said of a new one.

use super::{NewCredential, address};
use crate::error::FieldError;
use crate::id::ProviderName;
use serde::{Deserialize, Serialize};

/// What an upstream speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProviderOptions {
    /// `azure_openai`: the API's version, e.g. `2024-10-21`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::ApiVersion>))]
    pub api_version: Option<String>,
    /// `echo`: pause before each chunk, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(maximum = 4_294_967_295_u64))]
    pub chunk_delay_ms: u32,
    /// `echo`: number of chunks; 0: one for each word of the last user message.
    #[cfg_attr(feature = "openapi", schema(maximum = 4_294_967_295_u64))]
    pub chunks: u32,
    /// `echo`: pause before the first chunk, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(maximum = 4_294_967_295_u64))]
    pub first_chunk_delay_ms: u32,
    /// `echo`: answer with this HTTP status instead; 0: don't.
    #[cfg_attr(feature = "openapi", schema(maximum = 65_535))]
    pub fail_status: u16,
    /// `echo`: break off after this many chunks; 0: don't.
    #[cfg_attr(feature = "openapi", schema(maximum = 4_294_967_295_u64))]
    pub fail_after_chunks: u32,
}

/// An upstream. Its credential is not here: it is sealed in the store and opened for the gateway only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    /// Name; can't change.
    pub name: ProviderName,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Its address, see [`ProviderKind`]; the usual one of its kind when empty, if there is one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::BaseUrl))]
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
        errors.extend(self.api_key.as_ref().and_then(|credential| credential.check("api_key")));
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

#[cfg(test)]
mod tests {
    use super::*;

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
