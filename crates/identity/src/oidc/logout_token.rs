//! A provider's word that somebody has signed out there (`OpenID` Connect Back-Channel Logout 1.0 §2.4 and §2.6).

use super::error::{Error, TokenFlaw};
use super::id_token::{check_audience, check_times, session, subject};
use super::relying_party::{Known, RelyingParty, flaw};
use crate::end_user::claims::{SKEW, numeric_date, text};
use crate::end_user::jwt::Error as JwtError;
use crate::secret::hash_token;
use model::time::Timestamp;
use serde_json::Value;

const KINDS: [&str; 3] = ["JWT", "logout+jwt", "application/logout+jwt"];
/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token that was believed. Whether it came before isn't known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutToken {
    /// Who.
    pub subject: Option<String>,
    /// Which session.
    pub session: Option<String>,
    /// SHA-256 of what names the token, with its issuer: to be taken once.
    pub id_hash: [u8; 32],
    /// From when on it would be refused anyway.
    pub expires_at: Timestamp,
}

impl RelyingParty {
    /// Who has signed out.
    pub async fn logout_token(
        &self,
        known: &Known,
        token: &str,
        client_id: &str,
    ) -> Result<LogoutToken, Error> {
        let (claims, _) = self.verified(known, token, &KINDS).await?;
        check_audience(&claims, client_id).map_err(flaw)?;
        check_times(&claims, self.now())?;
        let event = claims.get("events").and_then(|events| events.get(EVENT));
        if !event.is_some_and(Value::is_object) {
            return Err(TokenFlaw::Event.into());
        }
        // §2.6: a nonce MUST NOT be present.
        if claims.contains_key("nonce") {
            return Err(TokenFlaw::HasNonce.into());
        }
        let (subject, session) = (subject(&claims)?, session(&claims)?);
        if subject.is_none() && session.is_none() {
            return Err(flaw(JwtError::Nobody));
        }
        let id = text(&claims, "jti").map_err(flaw)?.filter(|id| !id.is_empty());
        let id = id.ok_or(TokenFlaw::NoTokenId)?;
        let expires_at =
            numeric_date(&claims, "exp").map_err(flaw)?.ok_or_else(|| flaw(JwtError::NoExpiry))?;
        let id_hash = hash_token(&format!("{} {id}", known.metadata.issuer));
        Ok(LogoutToken { subject, session, id_hash, expires_at: expires_at.after(SKEW) })
    }
}
