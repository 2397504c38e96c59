//! Who stands behind a request: the rules of a key about its end users.
//!
//! Form only. What needs IDNA or cryptography (is this a key, is that a domain) the identity crate checks, which is
//! not built for the browser.

use crate::error::FieldError;
use crate::limits::RateLimits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a key asks of the identity of its end users. The three controls compose; all are off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct IdentityRules {
    /// Whether `X-User-Email` is read at all: for trusted backends that sign their users in themselves.
    pub header_mode: bool,
    /// Whether a request without an identity is refused.
    pub enforce: bool,
    /// E-mail domains that count as identity, for header and JWT alike. `None`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<crate::openapi::Domain>>, max_items = 200))]
    pub allowed_domains: Option<Vec<String>>,
    /// How JWTs are verified; `None`: a JWT is no identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<JwtRules>,
    /// Limits of each end user by itself.
    #[serde(skip_serializing_if = "RateLimits::is_unlimited")]
    pub rate_limits: RateLimits,
}

/// Which JWTs are believed. The verification key comes from exactly one of `jwks_url` and `public_key_pem`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct JwtRules {
    /// Where the issuer publishes its keys (RFC 7517), e.g. `https://issuer.example/.well-known/jwks.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::JwksUrl>))]
    pub jwks_url: Option<String>,
    /// A fixed public key, `-----BEGIN PUBLIC KEY-----`: RSA of 2048 bits or more, P-256, P-384 or Ed25519.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 16384))]
    pub public_key_pem: Option<String>,
    /// Algorithms that count. Left out: every one that fits the key. HMAC and `none` can't be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 9))]
    pub algorithms: Option<Vec<JwtAlgorithm>>,
    /// `iss` must equal one of these.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Word>, min_items = 1, max_items = 20, required = true))]
    pub issuers: Vec<String>,
    /// `aud` must name one of these.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Word>, min_items = 1, max_items = 50, required = true))]
    pub audiences: Vec<String>,
    /// `azp` or `client_id` must be one of these. Left out: not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<crate::openapi::Word>>, min_items = 1, max_items = 200))]
    pub client_ids: Option<Vec<String>>,
    /// Claims that must equal a value, or be an array that has it. A name that begins with `/` is a JSON pointer,
    /// every other one is literal (`https://gw.example/tier` is one claim).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::RequiredClaims))]
    pub required_claims: BTreeMap<String, ClaimValue>,
    /// Whether the JWKS host may resolve to private or loopback addresses, and be asked over plain HTTP.
    pub allow_private_addresses: bool,
}

/// An algorithm that signs with a private key (RFC 7518, RFC 8037). The others have no word here, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum JwtAlgorithm {
    /// RSA PKCS #1 1.5 with SHA-256.
    Rs256,
    /// RSA PKCS #1 1.5 with SHA-384.
    Rs384,
    /// RSA PKCS #1 1.5 with SHA-512.
    Rs512,
    /// RSA PSS with SHA-256.
    Ps256,
    /// RSA PSS with SHA-384.
    Ps384,
    /// RSA PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The word in the API and in a token's `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// From the word, which is case-sensitive (RFC 7515 §4.1.1).
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

/// A value that a claim must have. `true` and `"true"` are different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClaimValue {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

impl IdentityRules {
    /// Most domains in `allowed_domains`.
    pub const MAX_DOMAINS: usize = 200;

    /// Whether nothing is read and nothing refused: without a way to name an identity, domains and limits are idle.
    pub fn is_off(&self) -> bool {
        !self.header_mode && !self.enforce && self.jwt.is_none()
    }

    /// What is wrong with the form of these rules; fields are named below `prefix`. Empty when nothing is.
    pub fn check(&self, prefix: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.enforce && !self.header_mode && self.jwt.is_none() {
            errors.push(FieldError::new(
                format!("{prefix}.enforce"),
                "would refuse every request: turn header_mode on or set jwt",
            ));
        }
        if let Some(domains) = &self.allowed_domains {
            let field = format!("{prefix}.allowed_domains");
            if domains.len() > Self::MAX_DOMAINS {
                errors.push(FieldError::new(field, format!("must be at most {}", Self::MAX_DOMAINS)));
            } else if domains.iter().any(|domain| !looks_like_domain(domain)) {
                errors.push(FieldError::new(field, "must be domains such as company.com"));
            }
        }
        if let Some(jwt) = &self.jwt {
            jwt.check(&format!("{prefix}.jwt"), &mut errors);
        }
        errors.extend(self.rate_limits.check(&format!("{prefix}.rate_limits")));
        errors
    }
}

/// IDNA decides; this only turns down what is plainly something else.
fn looks_like_domain(text: &str) -> bool {
    text.len() <= 253
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "@*/:\\,".contains(c))
        && text.split('.').all(|label| !label.is_empty())
}

impl JwtRules {
    /// Longest URL in bytes.
    pub const MAX_URL: usize = 2_000;
    /// Longest PEM text in bytes.
    pub const MAX_PEM: usize = 16 * 1024;

    fn check(&self, prefix: &str, errors: &mut Vec<FieldError>) {
        self.check_key(prefix, errors);
        check_list(errors, format!("{prefix}.issuers"), &self.issuers, 20);
        check_list(errors, format!("{prefix}.audiences"), &self.audiences, 50);
        if let Some(client_ids) = &self.client_ids {
            check_list(errors, format!("{prefix}.client_ids"), client_ids, 200);
        }
        if self
            .algorithms
            .as_ref()
            .is_some_and(|list| list.is_empty() || list.len() > JwtAlgorithm::ALL.len())
        {
            errors.push(FieldError::new(
                format!("{prefix}.algorithms"),
                "must name an algorithm, each once; leave this out for all that fit the key",
            ));
        }
        let good_claim = |(name, value): (&String, &ClaimValue)| {
            is_word(name) && !matches!(value, ClaimValue::Text(text) if text.len() > MAX_WORD)
        };
        if self.required_claims.len() > 20 || !self.required_claims.iter().all(good_claim) {
            errors.push(FieldError::new(
                format!("{prefix}.required_claims"),
                "must be at most 20 claims, names and values of at most 512 characters",
            ));
        }
    }

    fn check_key(&self, prefix: &str, errors: &mut Vec<FieldError>) {
        match (&self.jwks_url, &self.public_key_pem) {
            (Some(_), Some(_)) | (None, None) => errors.push(FieldError::new(
                format!("{prefix}.jwks_url"),
                "must be set, or else public_key_pem, but not both",
            )),
            (Some(url), None) if !is_jwks_url(url, self.allow_private_addresses) => {
                errors.push(FieldError::new(
                    format!("{prefix}.jwks_url"),
                    "must begin with https:// and have a host, without user info and fragment \
                     (http:// only with allow_private_addresses)",
                ));
            }
            (None, Some(pem)) if pem.contains("PRIVATE KEY") => errors.push(FieldError::new(
                format!("{prefix}.public_key_pem"),
                "is a private key: give the public one, and consider the private one disclosed",
            )),
            (None, Some(pem)) if pem.len() > Self::MAX_PEM => errors.push(FieldError::new(
                format!("{prefix}.public_key_pem"),
                format!("must be at most {} bytes", Self::MAX_PEM),
            )),
            _ => {}
        }
    }
}

/// Plain HTTP would let anybody on the way put in their own key, so only where the operator vouches for the network.
fn is_jwks_url(url: &str, plain_http: bool) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://").filter(|_| plain_http));
    // A query is common (Entra's `?appid=`); the rest misleads those who read the host off the text.
    let odd = |c: char| c.is_whitespace() || c.is_control() || "#@\\".contains(c);
    url.len() <= JwtRules::MAX_URL
        && rest.is_some_and(|rest| {
            !rest.chars().any(odd) && !rest.starts_with(['/', '?', ':']) && !rest.is_empty()
        })
}

const MAX_WORD: usize = 512;

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_WORD && !text.chars().any(char::is_control)
}

fn check_list(errors: &mut Vec<FieldError>, field: String, list: &[String], most: usize) {
    if list.is_empty() || list.len() > most {
        errors.push(FieldError::new(field, format!("must have from 1 to {most} entries")));
    } else if !list.iter().all(|entry| is_word(entry) && entry.trim().len() == entry.len()) {
        errors.push(FieldError::new(
            field,
            "entries must be 1 to 512 characters, without control characters and spaces at their ends",
        ));
    }
}

#[cfg(test)]
mod tests;
