//! Changes of providers and models: a field that is left out stays as it is, `null` takes it away. Names never change.

use super::{
    Model, ModelLabel, NewCredential, NewModel, Origin, Prices, Provider, ProviderKind, ProviderOptions,
    Target, check_provider,
};
use crate::error::FieldError;
use crate::patch::{given, set};
use serde::{Deserialize, Serialize};

/// What of a provider is to change.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProviderChange {
    /// What it speaks. The address stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProviderKind>,
    /// Its address; the usual one of its kind when empty. With another scheme, host or port the credential must be given
    /// again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::BaseUrl>))]
    pub base_url: Option<String>,
    /// Its credential: write-only. `null` or empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NewCredential>))]
    pub api_key: Option<Option<NewCredential>>,
    /// Whether sandbox keys reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<bool>,
    /// Whether its host may resolve to private or loopback addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_private_addresses: Option<bool>,
    /// All options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ProviderOptions>,
}

/// What becomes of a provider's credential.
#[derive(Clone, Debug)]
pub enum CredentialChange {
    /// It stays, or there is none.
    Keep,
    /// It is replaced.
    Set(NewCredential),
    /// It is taken away.
    Remove,
}

impl CredentialChange {
    /// The word in the audit record.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Keep => "kept",
            Self::Set(_) => "set",
            Self::Remove => "removed",
        }
    }
}

impl ProviderChange {
    /// Changes `provider`; what becomes of its credential, or what is wrong with the result by itself.
    pub fn apply(self, provider: &mut Provider) -> Result<CredentialChange, Vec<FieldError>> {
        let origin = Origin::of(&provider.base_url);
        set(&mut provider.kind, self.kind);
        let wanted = self.base_url.unwrap_or_else(|| provider.base_url.clone());
        set(&mut provider.sandbox, self.sandbox);
        set(&mut provider.allow_private_addresses, self.allow_private_addresses);
        set(&mut provider.options, self.options);
        let mut errors = check_provider(provider.kind, &wanted, &provider.options);
        provider.base_url = provider.kind.base_url(&wanted);
        let credential = match self.api_key {
            None => CredentialChange::Keep,
            Some(Some(credential)) if !credential.is_empty() => {
                errors.extend(credential.check("api_key"));
                CredentialChange::Set(credential)
            }
            Some(_) => CredentialChange::Remove,
        };
        // Who doesn't know the stored credential must not have it sent to a place of their choice.
        if matches!(credential, CredentialChange::Keep)
            && provider.has_credential
            && Origin::of(&provider.base_url) != origin
        {
            errors.push(FieldError::new(
                "api_key",
                "must be given again when scheme, host or port of base_url change",
            ));
        }
        match credential {
            CredentialChange::Keep => {}
            CredentialChange::Set(_) => provider.has_credential = true,
            CredentialChange::Remove => provider.has_credential = false,
        }
        if errors.is_empty() { Ok(credential) } else { Err(errors) }
    }
}

/// What of a model is to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ModelChange {
    /// All targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub targets: Option<Vec<Target>>,
    /// All labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub labels: Option<Vec<ModelLabel>>,
    /// All prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// `null`: not known.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>, minimum = 1, maximum = 1_000_000_000))]
    pub max_output_tokens: Option<Option<u64>>,
    /// `null`: not known.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>, minimum = 1, maximum = 1_000_000_000))]
    pub context_length: Option<Option<u64>>,
}

impl ModelChange {
    /// `model` with this change, to be checked as a new one is.
    pub fn apply(self, model: Model) -> NewModel {
        let Model { name, targets, labels, prices, max_output_tokens, context_length, .. } = model;
        let mut new = NewModel { name, targets, labels, prices, max_output_tokens, context_length };
        set(&mut new.targets, self.targets);
        set(&mut new.labels, self.labels);
        set(&mut new.prices, self.prices);
        set(&mut new.max_output_tokens, self.max_output_tokens);
        set(&mut new.context_length, self.context_length);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(base_url: &str) -> Provider {
        Provider {
            name: "p".parse().unwrap(),
            kind: ProviderKind::OpenaiCompatible,
            base_url: base_url.to_owned(),
            sandbox: false,
            allow_private_addresses: false,
            options: ProviderOptions::default(),
            has_credential: true,
            from_configuration: false,
        }
    }

    fn change(json: &str) -> ProviderChange {
        serde_json::from_str(json).unwrap()
    }

    fn fields(json: &str) -> Vec<String> {
        match change(json).apply(&mut provider("https://a.example/v1")) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|error| error.field.into_owned()).collect(),
        }
    }

    #[test]
    fn a_credential_stays_where_it_was_given_for() {
        for moved in [
            r#"{"base_url":"https://b.example/v1"}"#,
            r#"{"base_url":"http://a.example/v1"}"#,
            r#"{"base_url":"https://a.example:444/v1"}"#,
            r#"{"base_url":"https://a.example.evil.example/v1"}"#,
            r#"{"base_url":"","kind":"openai"}"#,
            r#"{"base_url":"","kind":"echo"}"#,
        ] {
            assert_eq!(fields(moved), ["api_key"], "{moved}");
        }
        for fine in [
            r#"{"base_url":"https://A.example:443/v2/"}"#,
            r#"{"base_url":"https://b.example/v1","api_key":"again"}"#,
            r#"{"base_url":"https://b.example/v1","api_key":null}"#,
            r#"{"base_url":"https://b.example/v1","api_key":""}"#,
            r#"{"kind":"anthropic","sandbox":true}"#,
        ] {
            assert!(fields(fine).is_empty(), "{fine}");
        }
        assert_eq!(fields(r#"{"base_url":"https://u@a.example/v1"}"#), ["base_url", "api_key"]);
    }

    #[test]
    fn left_out_stays_and_null_goes() {
        let mut changed = provider("https://a.example/v1");
        assert!(matches!(change("{}").apply(&mut changed), Ok(CredentialChange::Keep)));
        assert_eq!(changed, provider("https://a.example/v1"));
        assert!(matches!(change(r#"{"api_key":null}"#).apply(&mut changed), Ok(CredentialChange::Remove)));
        assert!(!changed.has_credential);
        assert!(serde_json::from_str::<ProviderChange>(r#"{"name":"q"}"#).is_err());
        assert!(serde_json::from_str::<ProviderChange>(r#"{"has_credential":true}"#).is_err());
    }
}
