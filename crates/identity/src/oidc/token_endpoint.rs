//! Redeeming a code (`OpenID` Connect Core 1.0 §3.1.3).

use super::error::{Endpoint, Error};
use super::http::Outgoing;
use super::relying_party::{Known, Registration, RelyingParty};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use serde::Deserialize;
use zeroize::Zeroizing;

/// What a code is worth.
pub struct Tokens {
    /// Who it is.
    pub id_token: String,
    /// For the userinfo endpoint.
    pub access_token: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Redeemed {
    id_token: String,
    access_token: String,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// The words of RFC 6749 §5.2. Nothing else of a provider's refusal is repeated.
const WORDS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

impl RelyingParty {
    /// Redeems a code with the attempt's verifier.
    pub async fn redeem(
        &self,
        registration: &Registration,
        known: &Known,
        redirect_uri: &str,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, Error> {
        let request = request(registration, known, redirect_uri, code, verifier);
        let answer = self.send(Endpoint::Token, request).await?;
        if answer.status != 200 {
            let refused = serde_json::from_slice::<Refused>(&answer.body).ok();
            let word = refused.and_then(|refused| WORDS.into_iter().find(|word| *word == refused.error));
            return Err(word.map_or(Error::Status(Endpoint::Token, answer.status), Error::Refused));
        }
        let body = Zeroizing::new(answer.body);
        let Redeemed { id_token, access_token } =
            serde_json::from_slice(&body).map_err(|_| Error::Malformed(Endpoint::Token))?;
        Ok(Tokens { id_token, access_token: access_token.into() })
    }
}

/// RFC 6749 §4.1.3, RFC 7636 §4.5; the secret as the provider wants it.
fn request(
    registration: &Registration,
    known: &Known,
    redirect_uri: &str,
    code: &str,
    verifier: &str,
) -> Outgoing {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", verifier);
    let mut authorization = None;
    match &registration.client_secret {
        Some(secret) if !known.metadata.secret_in_form => {
            authorization = Some(basic(&registration.client_id, secret));
        }
        Some(secret) => {
            form.append_pair("client_id", &registration.client_id).append_pair("client_secret", secret);
        }
        None => {
            form.append_pair("client_id", &registration.client_id);
        }
    }
    Outgoing {
        url: known.metadata.token_endpoint.clone(),
        allow_private_addresses: registration.allow_private_addresses,
        authorization,
        form: Some(form.finish().into()),
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
fn basic(client_id: &str, secret: &str) -> Zeroizing<String> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        // "a%3Ab:c%2Fd"
        assert_eq!(&*basic("a:b", "c/d"), "Basic YSUzQWI6YyUyRmQ=");
    }
}
