//! What can go wrong with a provider. For the log, the audit record and the operator; people get fixed words.

use super::discovery::Flaw;
use super::http::Unreachable;
use crate::end_user::TokenError;
use std::fmt;

/// Whom we talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`.
    Discovery,
    /// The key set.
    Keys,
    /// Where codes are redeemed.
    Token,
    /// What is known about somebody.
    Userinfo,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "the discovery document",
            Self::Keys => "the key set",
            Self::Token => "the token endpoint",
            Self::Userinfo => "the userinfo endpoint",
        })
    }
}

/// Why it didn't work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer.
    #[error("{0} {1}")]
    Unreachable(Endpoint, Unreachable),
    /// Another status than 200. Redirects are among them: none is followed.
    #[error("{0} answered with status {1}")]
    Status(Endpoint, u16),
    /// Not the JSON that it should be.
    #[error("{0} answered with something else than it should")]
    Malformed(Endpoint),
    /// The discovery document isn't one that people could sign in by.
    #[error("{0}")]
    Discovery(#[from] Flaw),
    /// The answer to the browser carries no `iss`, or another one (RFC 9207).
    #[error("the answer came from another issuer")]
    ResponseIssuer,
    /// The token endpoint refused, with this word of RFC 6749 §5.2.
    #[error("the token endpoint refused: {0}")]
    Refused(&'static str),
    /// A token that isn't to be believed.
    #[error(transparent)]
    Token(#[from] TokenFlaw),
    /// The userinfo endpoint speaks of somebody else.
    #[error("the userinfo endpoint speaks of another subject")]
    UserinfoSubject,
}

/// What is wrong with an ID token or a logout token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFlaw {
    /// As with every token.
    #[error(transparent)]
    Jwt(#[from] TokenError),
    /// It was made for another attempt.
    #[error("the token's nonce isn't that of this attempt")]
    Nonce,
    /// `iat` is missing, or to come.
    #[error("the token's time of issue is missing or to come")]
    IssuedAt,
    /// `at_hash` isn't that of the access token.
    #[error("the token belongs to another access token")]
    AccessTokenHash,
    /// `auth_time` is missing, or from before the attempt.
    #[error("the provider didn't ask for the sign-in anew")]
    AuthTime,
    /// A logout token without its event.
    #[error("the token has no logout event")]
    Event,
    /// A logout token with a nonce could be an ID token in disguise.
    #[error("the logout token has a nonce")]
    HasNonce,
    /// A logout token without `jti` could come again and again.
    #[error("the logout token has no jti")]
    NoTokenId,
}
