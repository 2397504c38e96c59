//! Signing in with an `OpenID` provider, and out: the relying party's side of `OpenID` Connect Core 1.0, Discovery 1.0,
//! RP-Initiated Logout 1.0 and Back-Channel Logout 1.0, with the advice of RFC 9700.
//!
//! Code flow with PKCE, state and nonce, and nothing else. What is sent where is decided here; how it gets there (checked
//! addresses, no redirects, bounds in time and size) is the [`Http`]'s part.

mod authorization;
mod discovery;
mod error;
mod http;
mod id_token;
mod logout_token;
mod relying_party;
mod token_endpoint;
mod userinfo;

pub use authorization::{Authorization, Callback, Secrets, end_session_url};
pub use discovery::{Flaw, Metadata};
pub use error::{Endpoint, Error, TokenFlaw};
pub use http::{Answer, Http, MAX_ANSWER, Outgoing, Sending, Unreachable};
pub use id_token::{Expected, IdToken};
pub use logout_token::LogoutToken;
pub use relying_party::{Known, Registration, RelyingParty};
pub use token_endpoint::Tokens;

use crate::end_user::domain;
use crate::end_user::email::Email;
use serde_json::{Map, Value};

/// The claims of somebody.
pub type Claims = Map<String, Value>;

/// The e-mail address in some claims, folded, with its domain in ASCII; `None`: there is none that can be read in one way
/// only.
pub fn email(claims: &Claims) -> Option<(String, String)> {
    let email = Email::parse(claims.get("email")?.as_str()?)?;
    let domain = email.domain().to_owned();
    Some((email.into_string(), domain))
}

/// Whether the provider vouches for the address: the boolean `true`, and nothing that looks like it.
pub fn is_email_verified(claims: &Claims) -> bool {
    claims.get("email_verified") == Some(&Value::Bool(true))
}

/// A domain of e-mail addresses in the one spelling in which they are compared.
pub fn canonical_domain(domain: &str) -> Option<String> {
    domain::canonical(domain)
}
