//! Identity providers: which there are, and what may be said of a new one.

use super::OPENID;
use super::address::check_issuer;
use crate::catalog::NewCredential;
use crate::error::FieldError;
use crate::id::{IdentityProviderId, IdentityProviderName};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which product it is: what forms suggest, and what the documentation is about. The protocol is the same for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Okta.
    Okta,
    /// Auth0.
    Auth0,
    /// Microsoft Entra ID.
    Entra,
    /// Google.
    Google,
    /// Keycloak.
    Keycloak,
    /// Any other.
    #[default]
    Generic,
}

impl Preset {
    /// All of them, in the order in which forms show them.
    pub const ALL: [Self; 6] =
        [Self::Okta, Self::Auth0, Self::Entra, Self::Google, Self::Keycloak, Self::Generic];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Auth0 => "auth0",
            Self::Entra => "entra",
            Self::Google => "google",
            Self::Keycloak => "keycloak",
            Self::Generic => "generic",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == text)
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Auth0 => "Auth0",
            Self::Entra => "Microsoft Entra ID",
            Self::Google => "Google",
            Self::Keycloak => "Keycloak",
            Self::Generic => "OpenID Connect",
        }
    }

    /// The scopes that are asked for unless others are given. Okta has groups behind a scope of their own.
    pub fn usual_scopes(self) -> Vec<String> {
        let groups = (self == Self::Okta).then_some("groups");
        [OPENID, "profile", "email"].into_iter().chain(groups).map(ToOwned::to_owned).collect()
    }
}

/// Whether somebody who comes for the first time can be one who is here already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Linking {
    /// Never: an e-mail address joins nobody with anybody.
    #[default]
    Never,
    /// By the e-mail address, if the provider says that it is verified, its domain is allowed, the account has no other
    /// identity and is no `super_admin`.
    VerifiedEmail,
}

impl Linking {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Never, Self::VerifiedEmail];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::VerifiedEmail => "verified_email",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|linking| linking.as_str() == text)
    }
}

/// Where what is known about somebody comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimsFrom {
    /// The ID token alone.
    #[default]
    IdToken,
    /// The ID token, and over it what the userinfo endpoint says.
    Userinfo,
}

impl ClaimsFrom {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::IdToken, Self::Userinfo];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdToken => "id_token",
            Self::Userinfo => "userinfo",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|from| from.as_str() == text)
    }
}

/// An identity provider. Its client secret is not here: it is sealed in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityProvider {
    /// Id: never reused, as the name may be.
    pub id: IdentityProviderId,
    /// Name: in the addresses that the provider is given; can't change.
    pub name: IdentityProviderName,
    /// What stands on its button.
    pub title: String,
    /// Which product it is.
    pub preset: Preset,
    /// Its issuer, to the letter.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// Whether a client secret is set.
    pub has_client_secret: bool,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// E-mail domains whose people get an account at their first sign-in, or are linked; empty: nobody.
    pub allowed_domains: Vec<String>,
    /// Whether somebody new can be one who is here already.
    pub linking: Linking,
    /// Where claims come from.
    pub claims_from: ClaimsFrom,
    /// Whether its hosts may resolve to private or loopback addresses.
    pub allow_private_addresses: bool,
    /// Whether anybody can sign in with it.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a caller may say of a new identity provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewIdentityProvider {
    /// Name; can't change.
    pub name: IdentityProviderName,
    /// What stands on its button.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::ButtonText))]
    pub title: String,
    /// Which product it is.
    #[serde(default)]
    pub preset: Preset,
    /// Its issuer, to the letter.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Issuer))]
    pub issuer: String,
    /// What it calls us.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::ClientId))]
    pub client_id: String,
    /// The client secret: write-only. Left out or empty: none, for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<NewCredential>,
    /// What is asked for; the usual scopes of the preset when left out. `openid` is always asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<crate::openapi::Scope>>, max_items = 20))]
    pub scopes: Option<Vec<String>>,
    /// E-mail domains whose people get an account at their first sign-in, or are linked; empty: nobody.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Domain>, max_items = 100))]
    pub allowed_domains: Vec<String>,
    /// Whether somebody new can be one who is here already.
    #[serde(default)]
    pub linking: Linking,
    /// Where claims come from.
    #[serde(default)]
    pub claims_from: ClaimsFrom,
    /// Whether its hosts may resolve to private or loopback addresses.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Whether anybody can sign in with it.
    #[serde(default = "yes")]
    pub enabled: bool,
}

const fn yes() -> bool {
    true
}

impl NewIdentityProvider {
    /// The provider that is asked for, with its secret, or what is wrong with it by itself.
    pub fn into_provider(
        self,
        id: IdentityProviderId,
        created_at: Timestamp,
    ) -> Result<(IdentityProvider, Option<NewCredential>), Vec<FieldError>> {
        let secret = self.client_secret.filter(|secret| !secret.is_empty());
        let preset = self.preset;
        let provider = IdentityProvider {
            id,
            name: self.name,
            title: self.title,
            preset,
            issuer: self.issuer,
            client_id: self.client_id,
            has_client_secret: secret.is_some(),
            scopes: self.scopes.map_or_else(|| preset.usual_scopes(), with_openid),
            allowed_domains: self.allowed_domains,
            linking: self.linking,
            claims_from: self.claims_from,
            allow_private_addresses: self.allow_private_addresses,
            enabled: self.enabled,
            created_at,
        };
        let mut errors = check(&provider);
        errors.extend(secret.as_ref().and_then(|secret| secret.check("client_secret")));
        if errors.is_empty() { Ok((provider, secret)) } else { Err(errors) }
    }
}

/// The scopes with `openid` among them.
pub(super) fn with_openid(mut scopes: Vec<String>) -> Vec<String> {
    if !scopes.iter().any(|scope| scope == OPENID) {
        scopes.insert(0, OPENID.to_owned());
    }
    scopes
}

/// What is wrong with a provider by itself. Domains are checked by the server, which knows IDNA.
pub(super) fn check(provider: &IdentityProvider) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let title = &provider.title;
    let one_line = title.trim() == title && !title.chars().any(char::is_control);
    if !(1..=60).contains(&title.chars().count()) || !one_line {
        errors.push(FieldError::new("title", "must be 1 to 60 characters, without spaces at the ends"));
    }
    errors.extend(check_issuer(&provider.issuer));
    let graphic = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !graphic(&provider.client_id, 512) {
        errors.push(FieldError::new("client_id", "must be 1 to 512 visible ASCII characters"));
    }
    // RFC 6749 §3.3.
    let scope = |scope: &String| graphic(scope, 200) && !scope.contains(['"', '\\']);
    let beside = provider.scopes.iter().filter(|scope| *scope != OPENID).count();
    if beside > 20 || !provider.scopes.iter().all(scope) {
        errors.push(FieldError::new(
            "scopes",
            "must be at most 20 scopes of visible ASCII characters, one each",
        ));
    }
    if provider.allowed_domains.len() > 100 {
        errors.push(FieldError::new("allowed_domains", "must be at most 100 domains"));
    }
    errors
}

/// A button of the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInOption {
    /// The provider.
    pub name: IdentityProviderName,
    /// What stands on it.
    pub title: String,
}

/// How people can sign in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInOptions {
    /// The enabled providers, by title.
    pub providers: Vec<SignInOption>,
    /// Whether e-mail and password open anything.
    pub password: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn made(change: Value) -> Result<IdentityProvider, Vec<String>> {
        let mut fields = json!({
            "name": "okta", "title": "Okta", "issuer": "https://example.okta.com", "client_id": "0oa1",
        });
        for (name, value) in change.as_object().unwrap() {
            fields[name] = value.clone();
        }
        let new: NewIdentityProvider = serde_json::from_value(fields).unwrap();
        let id = "idp_4Rk8sV2nC7xQ1mZ5".parse().unwrap();
        let made = new.into_provider(id, Timestamp::from_micros(0)).map(|(provider, _)| provider);
        made.map_err(|errors| errors.into_iter().map(|error| error.field.into_owned()).collect())
    }

    #[test]
    fn what_is_left_out_is_the_careful_choice() {
        let provider = made(json!({})).unwrap();
        assert!(provider.enabled && !provider.has_client_secret && !provider.allow_private_addresses);
        assert_eq!((provider.linking, provider.claims_from), (Linking::Never, ClaimsFrom::IdToken));
        assert!(provider.allowed_domains.is_empty());
        assert_eq!(provider.scopes, ["openid", "profile", "email"]);
        assert!(made(json!({ "preset": "okta" })).unwrap().scopes.contains(&"groups".to_owned()));
        assert_eq!(made(json!({ "scopes": ["email"] })).unwrap().scopes, ["openid", "email"]);
        assert!(!made(json!({ "client_secret": "" })).unwrap().has_client_secret);
    }

    #[test]
    fn each_field_is_looked_at() {
        let field = |change| made(change).unwrap_err();
        assert_eq!(field(json!({ "title": " Okta" })), ["title"]);
        assert_eq!(field(json!({ "title": "" })), ["title"]);
        assert_eq!(field(json!({ "issuer": "http://idp.example" })), ["issuer"]);
        assert_eq!(field(json!({ "client_id": "a b" })), ["client_id"]);
        assert_eq!(field(json!({ "client_secret": "a b" })), ["client_secret"]);
        assert_eq!(field(json!({ "scopes": ["a b"] })), ["scopes"]);
        assert_eq!(field(json!({ "allowed_domains": vec!["a.example"; 101] })), ["allowed_domains"]);
    }
}
