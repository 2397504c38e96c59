//! What the userinfo endpoint says about somebody (`OpenID` Connect Core 1.0 §5.3).

use super::Claims;
use super::error::{Endpoint, Error};
use super::http::Outgoing;
use super::id_token::IdToken;
use super::relying_party::{Known, Registration, RelyingParty};
use super::token_endpoint::Tokens;
use crate::end_user::strict_json;
use zeroize::Zeroizing;

/// Claims about the token and the sign-in: signed, so what isn't signed doesn't replace them.
const SIGNED: [&str; 12] =
    ["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "auth_time", "at_hash", "sid", "acr"];

impl RelyingParty {
    /// The ID token's claims, and over them those of the userinfo endpoint.
    pub async fn with_userinfo(
        &self,
        registration: &Registration,
        known: &Known,
        tokens: &Tokens,
        id_token: &IdToken,
    ) -> Result<Claims, Error> {
        let url = known.metadata.userinfo_endpoint.clone();
        let request = Outgoing {
            url: url.ok_or(Error::Malformed(Endpoint::Userinfo))?,
            allow_private_addresses: registration.allow_private_addresses,
            authorization: Some(Zeroizing::new(format!("Bearer {}", &*tokens.access_token))),
            form: None,
        };
        let answer = self.send(Endpoint::Userinfo, request).await?;
        if answer.status != 200 {
            return Err(Error::Status(Endpoint::Userinfo, answer.status));
        }
        let info = strict_json::object(&answer.body).ok_or(Error::Malformed(Endpoint::Userinfo))?;
        // §5.3.2: or the answer is about somebody else.
        if info.get("sub").and_then(|subject| subject.as_str()) != Some(id_token.subject.as_str()) {
            return Err(Error::UserinfoSubject);
        }
        Ok(merged(id_token.claims.clone(), info))
    }
}

/// `email_verified` goes with the address that it was said of.
fn merged(mut claims: Claims, info: Claims) -> Claims {
    if info.contains_key("email") {
        claims.remove("email_verified");
    }
    let said_of_another = !info.contains_key("email") && claims.contains_key("email");
    for (name, value) in info {
        let kept = SIGNED.contains(&&*name) || (said_of_another && name == "email_verified");
        if !kept {
            claims.insert(name, value);
        }
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn map(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn nothing_is_verified_by_what_was_said_of_another_address() {
        let token = json!({ "sub": "1", "email": "a@x.example", "email_verified": true, "exp": 1 });
        let over = |info| Value::Object(merged(map(token.clone()), map(info)));
        let other = over(json!({ "sub": "1", "email": "b@x.example", "exp": 2, "groups": ["g"] }));
        assert_eq!(other, json!({ "sub": "1", "email": "b@x.example", "exp": 1, "groups": ["g"] }));
        let verified = over(json!({ "email": "b@x.example", "email_verified": true }));
        assert_eq!(verified["email_verified"], true);
        let unverified = map(json!({ "email": "a@x.example" }));
        let of_another = merged(unverified, map(json!({ "email_verified": true })));
        assert_eq!(Value::Object(of_another), json!({ "email": "a@x.example" }));
    }
}
