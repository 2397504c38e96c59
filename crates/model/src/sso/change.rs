//! Changes of an identity provider: a field that is left out stays as it is, `null` takes it away.

use super::provider::{check, with_openid};
use super::{ClaimsFrom, IdentityProvider, Linking, Preset};
use crate::catalog::NewCredential;
use crate::error::FieldError;
use crate::patch::{given, set};
use serde::{Deserialize, Serialize};

/// What of an identity provider is to change.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct IdentityProviderChange {
    /// What stands on its button.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::ButtonText>))]
    pub title: Option<String>,
    /// Which product it is. The scopes stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Its issuer, to the letter. With another one the client secret must be given again, or `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Issuer>))]
    pub issuer: Option<String>,
    /// What it calls us.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::ClientId>))]
    pub client_id: Option<String>,
    /// The client secret: write-only. `null` or empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NewCredential>))]
    pub client_secret: Option<Option<NewCredential>>,
    /// All scopes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<crate::openapi::Scope>>, max_items = 20))]
    pub scopes: Option<Vec<String>>,
    /// All domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<crate::openapi::Domain>>, max_items = 100))]
    pub allowed_domains: Option<Vec<String>>,
    /// Whether somebody new can be one who is here already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linking: Option<Linking>,
    /// Where claims come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims_from: Option<ClaimsFrom>,
    /// Whether its hosts may resolve to private or loopback addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_private_addresses: Option<bool>,
    /// Whether anybody can sign in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// What becomes of a client secret.
#[derive(Clone, Debug)]
pub enum SecretChange {
    /// It stays, or there is none.
    Keep,
    /// It is replaced.
    Set(NewCredential),
    /// It is taken away.
    Remove,
}

impl SecretChange {
    /// The word in the audit record.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Keep => "kept",
            Self::Set(_) => "set",
            Self::Remove => "removed",
        }
    }
}

impl IdentityProviderChange {
    /// Changes `provider`; what becomes of its secret, or what is wrong with the result by itself.
    pub fn apply(self, provider: &mut IdentityProvider) -> Result<SecretChange, Vec<FieldError>> {
        let moves = self.issuer.as_ref().is_some_and(|issuer| *issuer != provider.issuer);
        set(&mut provider.title, self.title);
        set(&mut provider.preset, self.preset);
        set(&mut provider.issuer, self.issuer);
        set(&mut provider.client_id, self.client_id);
        set(&mut provider.scopes, self.scopes.map(with_openid));
        set(&mut provider.allowed_domains, self.allowed_domains);
        set(&mut provider.linking, self.linking);
        set(&mut provider.claims_from, self.claims_from);
        set(&mut provider.allow_private_addresses, self.allow_private_addresses);
        set(&mut provider.enabled, self.enabled);
        let mut errors = check(provider);
        let secret = match self.client_secret {
            None => SecretChange::Keep,
            Some(Some(secret)) if !secret.is_empty() => {
                errors.extend(secret.check("client_secret"));
                SecretChange::Set(secret)
            }
            Some(_) => SecretChange::Remove,
        };
        // Who doesn't know the stored secret must not have it sent to a place of their choice.
        if matches!(secret, SecretChange::Keep) && provider.has_client_secret && moves {
            errors.push(FieldError::new("client_secret", "must be given again when the issuer changes"));
        }
        match secret {
            SecretChange::Keep => {}
            SecretChange::Set(_) => provider.has_client_secret = true,
            SecretChange::Remove => provider.has_client_secret = false,
        }
        if errors.is_empty() { Ok(secret) } else { Err(errors) }
    }
}
