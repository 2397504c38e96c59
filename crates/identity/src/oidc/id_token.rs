//! What an ID token must be before anything in it is believed (`OpenID` Connect Core 1.0 §3.1.3.7).

use super::Claims;
use super::error::{Error, TokenFlaw};
use super::relying_party::{Known, RelyingParty, flaw};
use super::token_endpoint::Tokens;
use crate::end_user::claims::{MAX_SUBJECT, SKEW, numeric_date, text};
use crate::end_user::jwt::Error as JwtError;
use crate::secret::{hash_token, matches};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::identity::JwtAlgorithm;
use model::time::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Kinds of tokens that can be an ID token, if they say what they are.
const KINDS: [&str; 2] = ["JWT", "id_token+jwt"];
/// Longest name of a session at a provider.
const MAX_SESSION: usize = 512;

/// What the attempt is about.
pub struct Expected<'a> {
    /// What the provider calls us.
    pub client_id: &'a str,
    /// SHA-256 of the attempt's nonce.
    pub nonce_hash: &'a [u8; 32],
    /// They must have proven themselves after this moment.
    pub authenticated_after: Option<Timestamp>,
}

/// An ID token that was believed.
#[derive(Clone, Debug, PartialEq)]
pub struct IdToken {
    /// Who, together with the issuer.
    pub subject: String,
    /// What the provider calls the session.
    pub session: Option<String>,
    /// Everything that it says.
    pub claims: Claims,
}

impl RelyingParty {
    /// Who the tokens are about.
    pub async fn id_token(
        &self,
        known: &Known,
        tokens: &Tokens,
        expected: &Expected<'_>,
    ) -> Result<IdToken, Error> {
        let (claims, algorithm) = self.verified(known, &tokens.id_token, &KINDS).await?;
        check_audience(&claims, expected.client_id).map_err(flaw)?;
        check_times(&claims, self.now())?;
        // A logout or event token is signed with the same keys (BCL 1.0 §2.4).
        if claims.contains_key("events") {
            return Err(flaw(JwtError::Kind));
        }
        let nonce = text(&claims, "nonce").map_err(flaw)?;
        if !nonce.is_some_and(|nonce| matches(&hash_token(nonce), expected.nonce_hash)) {
            return Err(TokenFlaw::Nonce.into());
        }
        if let Some(hash) = text(&claims, "at_hash").map_err(flaw)?
            && hash != access_token_hash(&tokens.access_token, algorithm)
        {
            return Err(TokenFlaw::AccessTokenHash.into());
        }
        if let Some(after) = expected.authenticated_after {
            let at = numeric_date(&claims, "auth_time").map_err(flaw)?;
            if at.is_none_or(|at| at.after(SKEW) < after) {
                return Err(TokenFlaw::AuthTime.into());
            }
        }
        let subject = subject(&claims)?.ok_or_else(|| flaw(JwtError::Nobody))?;
        let session = session(&claims)?;
        Ok(IdToken { subject, session, claims })
    }
}

/// §3.1.3.7 3 to 5: we are an audience; where there are others too, the token was given to us; and to nobody else.
pub(super) fn check_audience(claims: &Claims, client_id: &str) -> Result<(), JwtError> {
    let several = match claims.get("aud") {
        Some(Value::String(audience)) if audience == client_id => false,
        Some(Value::Array(audiences))
            if audiences.iter().all(Value::is_string) && audiences.iter().any(|one| one == client_id) =>
        {
            audiences.len() > 1
        }
        _ => return Err(JwtError::Audience),
    };
    match text(claims, "azp")? {
        Some(party) if party == client_id => Ok(()),
        None if !several => Ok(()),
        _ => Err(JwtError::Client),
    }
}

/// It hasn't expired, and wasn't issued in the future.
pub(super) fn check_times(claims: &Claims, now: Timestamp) -> Result<(), Error> {
    let expires_at = numeric_date(claims, "exp").map_err(flaw)?.ok_or_else(|| flaw(JwtError::NoExpiry))?;
    if expires_at.after(SKEW) <= now {
        return Err(flaw(JwtError::Expired));
    }
    if numeric_date(claims, "nbf").map_err(flaw)?.is_some_and(|start| start > now.after(SKEW)) {
        return Err(flaw(JwtError::NotYet));
    }
    let issued_at = numeric_date(claims, "iat").map_err(flaw)?;
    if issued_at.is_some_and(|at| at <= now.after(SKEW)) { Ok(()) } else { Err(TokenFlaw::IssuedAt.into()) }
}

pub(super) fn subject(claims: &Claims) -> Result<Option<String>, Error> {
    name(claims, "sub", MAX_SUBJECT)
}

pub(super) fn session(claims: &Claims) -> Result<Option<String>, Error> {
    name(claims, "sid", MAX_SESSION)
}

fn name(claims: &Claims, claim: &'static str, longest: usize) -> Result<Option<String>, Error> {
    let name = text(claims, claim).map_err(flaw)?;
    if name.is_some_and(|name| name.is_empty() || name.len() > longest || name.chars().any(char::is_control))
    {
        return Err(flaw(JwtError::Claim(claim)));
    }
    Ok(name.map(ToOwned::to_owned))
}

/// §3.1.3.6: the left half of the hash that the token's algorithm uses.
fn access_token_hash(token: &str, algorithm: JwtAlgorithm) -> String {
    use JwtAlgorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    match algorithm {
        Rs256 | Ps256 | Es256 => half(&Sha256::digest(token)),
        Rs384 | Ps384 | Es384 => half(&Sha384::digest(token)),
        Rs512 | Ps512 | EdDsa => half(&Sha512::digest(token)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standards_example() {
        // OIDC Core 1.0, appendix A.3 and A.4.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(access_token_hash(token, JwtAlgorithm::Rs256), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
