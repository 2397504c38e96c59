//! What a verified token says, and whether the rules take it.

use super::EndUser;
use super::email::Email;
use super::jwt::Error;
use model::identity::{ClaimValue, JwtRules};
use model::time::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// How far apart the issuer's clock and ours may be.
pub(crate) const SKEW: Duration = Duration::from_mins(1);
pub(crate) const MAX_SUBJECT: usize = 255;

/// The end user and the moment from which on the token must be looked at anew.
pub(super) fn check(
    claims: &Map<String, Value>,
    rules: &JwtRules,
    now: Timestamp,
) -> Result<(EndUser, Timestamp), Error> {
    let expires_at = numeric_date(claims, "exp")?.ok_or(Error::NoExpiry)?;
    if expires_at.after(SKEW) <= now {
        return Err(Error::Expired);
    }
    if numeric_date(claims, "nbf")?.is_some_and(|start| start > now.after(SKEW)) {
        return Err(Error::NotYet);
    }
    // OIDC BCL 1.0 §2.4, RFC 8417 §2.2: a logout or event token is signed with the same keys, and identifies nobody.
    if claims.contains_key("events") {
        return Err(Error::Kind);
    }
    let issuer = text(claims, "iss")?.filter(|issuer| rules.issuers.iter().any(|known| known == issuer));
    let issuer = issuer.ok_or(Error::Issuer)?;
    if !audience_meets(claims, &rules.audiences) {
        return Err(Error::Audience);
    }
    if let Some(client_ids) = &rules.client_ids {
        let named = [text(claims, "azp")?, text(claims, "client_id")?];
        let mut named = named.into_iter().flatten().peekable();
        if named.peek().is_none() || !named.all(|name| client_ids.iter().any(|known| known == name)) {
            return Err(Error::Client);
        }
    }
    if !rules.required_claims.iter().all(|(name, wanted)| has(claims, name, wanted)) {
        return Err(Error::RequiredClaim);
    }
    let email = email(claims)?.map(Email::into_string);
    let subject = text(claims, "sub")?.filter(|subject| !subject.is_empty());
    if subject.is_some_and(|subject| subject.len() > MAX_SUBJECT || subject.chars().any(char::is_control)) {
        return Err(Error::Claim("sub"));
    }
    if email.is_none() && subject.is_none() {
        return Err(Error::Nobody);
    }
    let user = EndUser { email, subject: subject.map(str::to_owned), issuer: Some(issuer.to_owned()) };
    Ok((user, expires_at))
}

/// A claim that must be text if it is there.
pub(crate) fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, Error> {
    claims.get(name).map(|value| value.as_str().ok_or(Error::Claim(name))).transpose()
}

/// Seconds since the epoch, perhaps with a fraction (RFC 7519 §2).
pub(crate) fn numeric_date(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Timestamp>, Error> {
    const MICROS: i64 = 1_000_000;
    let Some(value) = claims.get(name) else { return Ok(None) };
    let micros = match (value.as_i64(), value.as_f64()) {
        (Some(seconds), _) => seconds.saturating_mul(MICROS),
        // More than 30,000 years, or before the epoch: no date that anybody means.
        (None, Some(seconds)) if (0.0..1e12).contains(&seconds) => {
            #[expect(clippy::cast_possible_truncation, reason = "bounded in the line above")]
            let micros = (seconds * 1e6) as i64;
            micros
        }
        _ => return Err(Error::Claim(name)),
    };
    Ok(Some(Timestamp::from_micros(micros)))
}

/// RFC 7519 §4.1.3: text, or an array of texts; whole ones are compared. Anything else in it is no audience.
fn audience_meets(claims: &Map<String, Value>, accepted: &[String]) -> bool {
    let accepts = |audience: &str| accepted.iter().any(|known| known == audience);
    match claims.get("aud") {
        Some(Value::String(audience)) => accepts(audience),
        Some(Value::Array(audiences)) => {
            audiences.iter().all(Value::is_string) && audiences.iter().filter_map(Value::as_str).any(accepts)
        }
        _ => false,
    }
}

/// Whether the claim equals `wanted` or is an array that has it.
fn has(claims: &Map<String, Value>, name: &str, wanted: &ClaimValue) -> bool {
    let equal = |value: &Value| match wanted {
        ClaimValue::Flag(flag) => value.as_bool() == Some(*flag),
        ClaimValue::Number(number) => value.as_i64() == Some(*number),
        ClaimValue::Text(text) => value.as_str() == Some(text),
    };
    let found = match name.strip_prefix('/') {
        Some(pointer) => {
            // RFC 6901, whose first step is a claim.
            let (first, rest) = pointer.find('/').map_or((pointer, ""), |at| pointer.split_at(at));
            let first = first.replace("~1", "/").replace("~0", "~");
            claims.get(&first).and_then(|value| value.pointer(rest))
        }
        None => claims.get(name),
    };
    found.is_some_and(|value| equal(value) || value.as_array().is_some_and(|list| list.iter().any(equal)))
}

/// The e-mail address, which names the person from here on: so one that the issuer says is unverified won't do.
fn email(claims: &Map<String, Value>) -> Result<Option<Email>, Error> {
    let Some(email) = text(claims, "email")? else { return Ok(None) };
    match claims.get("email_verified") {
        None | Some(Value::Bool(true)) => {}
        // Some issuers (Cognito) write it as text.
        Some(Value::String(word)) if word == "true" => {}
        Some(_) => return Err(Error::EmailUnverified),
    }
    Email::parse(email).map(Some).ok_or(Error::Claim("email"))
}
