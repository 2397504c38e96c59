//! The way to the provider and back: what the browser is sent with, and what it comes back with.

use super::discovery::Metadata;
use super::error::Error;
use super::relying_party::Registration;
use crate::secret::{LinkToken, hash_token};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::Serializer;
use model::time::Entropy;

/// The secrets of one attempt to sign in. Each is for once.
pub struct Secrets {
    /// Binds the attempt to this browser; in its cookie and nowhere else.
    pub cookie: LinkToken,
    /// Comes back with the browser.
    pub state: LinkToken,
    /// Comes back in the ID token.
    pub nonce: LinkToken,
    /// PKCE: proves that whoever redeems the code began the attempt (RFC 7636).
    pub verifier: LinkToken,
}

impl Secrets {
    /// New ones.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let token = || LinkToken::generate(entropy);
        Self { cookie: token(), state: token(), nonce: token(), verifier: token() }
    }
}

/// What the provider is asked for.
pub struct Authorization<'a> {
    /// Who asks.
    pub registration: &'a Registration,
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
    /// The attempt's secrets.
    pub secrets: &'a Secrets,
    /// Whether somebody who is signed in there must prove themselves once more.
    pub anew: bool,
}

impl Authorization<'_> {
    /// Where to send the browser.
    pub fn url(&self, metadata: &Metadata) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(hash_token(self.secrets.verifier.expose()));
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.registration.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &self.registration.scopes.join(" "))
            .append_pair("state", self.secrets.state.expose())
            .append_pair("nonce", self.secrets.nonce.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if self.anew {
            // OIDC Core §3.1.2.1: with max_age, the ID token says when they did.
            query.append_pair("max_age", "0").append_pair("prompt", "login");
        }
        extended(&metadata.authorization_endpoint, &query.finish())
    }
}

/// What the browser comes back with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    /// The attempt's state.
    pub state: Option<String>,
    /// The code to redeem.
    pub code: Option<String>,
    /// Who says so (RFC 9207).
    pub issuer: Option<String>,
    /// Whether the provider refused.
    pub refused: bool,
}

impl Callback {
    /// The longest value that is looked at.
    const MAX: usize = 4_096;

    /// From a query; `None`: a name comes twice, or a value is too long to be one.
    pub fn read(query: &str) -> Option<Self> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.len() > Self::MAX {
                return None;
            }
            let slot = match &*name {
                "state" => &mut read.state,
                "code" => &mut read.code,
                "iss" => &mut read.issuer,
                "error" => {
                    read.refused = true;
                    continue;
                }
                _ => continue,
            };
            // RFC 6749 §3.1: parameters must not come more than once.
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(read)
    }

    /// Refuses an answer of another issuer than the one that was asked (mix-up, RFC 9207 §2.4).
    pub fn check_issuer(&self, metadata: &Metadata) -> Result<(), Error> {
        match &self.issuer {
            Some(issuer) if *issuer == metadata.issuer => Ok(()),
            None if !metadata.says_issuer => Ok(()),
            _ => Err(Error::ResponseIssuer),
        }
    }
}

/// Where to send a browser that has signed out here, so that it signs out there too (RP-Initiated Logout 1.0 §2); `None`:
/// the provider has no such place.
pub fn end_session_url(
    metadata: &Metadata,
    client_id: &str,
    id_token: Option<&str>,
    back_to: &str,
) -> Option<String> {
    let endpoint = metadata.end_session_endpoint.as_ref()?;
    let mut query = Serializer::new(String::new());
    if let Some(id_token) = id_token {
        query.append_pair("id_token_hint", id_token);
    }
    query.append_pair("client_id", client_id).append_pair("post_logout_redirect_uri", back_to);
    Some(extended(endpoint, &query.finish()))
}

fn extended(endpoint: &str, query: &str) -> String {
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_read_once_each() {
        let read =
            Callback::read("code=c%2B1&state=s&iss=https%3A%2F%2Fidp.example&session_state=x").unwrap();
        assert_eq!(read.code.as_deref(), Some("c+1"));
        assert_eq!(read.issuer.as_deref(), Some("https://idp.example"));
        assert!(!read.refused);
        assert!(Callback::read("error=access_denied&state=s").unwrap().refused);
        for bad in ["code=a&code=b", "state=a&state=a", "iss=a&iss=b"] {
            assert_eq!(Callback::read(bad), None, "{bad}");
        }
        assert_eq!(Callback::read(&format!("code={}", "a".repeat(5_000))), None);
    }
}
