//! What binds an attempt to the browser that began it: a cookie of its own, short-lived. Lax, since it has to be there
//! when the browser comes back from the provider.

use axum::http::{HeaderMap, HeaderValue, header};
use control::sso::ATTEMPT_LIFE;

const NAME: &str = "__Host-gatehouse-sso";
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// Keeps it.
pub(super) fn keep(headers: &mut HeaderMap, token: &str) {
    set(headers, &format!("{NAME}={token}; {ATTRIBUTES}; Max-Age={}", ATTEMPT_LIFE.as_secs()));
}

/// Forgets it: it was for once.
pub(super) fn forget(headers: &mut HeaderMap) {
    set(headers, &format!("{NAME}=; {ATTRIBUTES}; Max-Age=0"));
}

fn set(headers: &mut HeaderMap, line: &str) {
    if let Ok(mut value) = HeaderValue::from_str(line) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

/// The one that came; `None`: none, or several.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut own = pairs.filter(|(name, _)| *name == NAME).map(|(_, value)| value);
    match (own.next(), own.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}
