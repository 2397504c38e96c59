//! Addresses of identity providers. Codes, tokens and secrets travel there, so it is https, or this very machine.

use crate::catalog::Origin;
use crate::error::FieldError;
use std::net::IpAddr;

/// Longest issuer in bytes.
const MAX_ISSUER: usize = 500;

/// Whether nobody on the way can read or change what is sent to this address: https, or plain http on a loopback name.
/// Addresses with user info, a query or a fragment aren't.
pub fn is_protected(url: &str) -> bool {
    Origin::of(url).is_some()
        && (url.starts_with("https://") || url.strip_prefix("http://").is_some_and(is_loopback))
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What is wrong with an issuer.
pub(super) fn check_issuer(issuer: &str) -> Option<FieldError> {
    (issuer.len() > MAX_ISSUER || !is_protected(issuer)).then(|| {
        FieldError::new(
            "issuer",
            "must be the https:// address that the provider calls its issuer, without query and fragment; http:// is for loopback names only",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for good in [
            "https://example.okta.com",
            "https://tenant.auth0.com/",
            "https://login.microsoftonline.com/0e1/v2.0",
            "http://localhost:4000",
            "http://127.0.0.1:4000/realms/a",
            "http://[::1]:4000",
        ] {
            assert!(is_protected(good) && check_issuer(good).is_none(), "{good}");
        }
        for bad in [
            "http://idp.example",
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://[::2]",
            "https://idp.example/?x=1",
            "https://idp.example/#x",
            "https://user@idp.example",
            "HTTPS://idp.example",
            "idp.example",
            "",
        ] {
            assert!(!is_protected(bad) && check_issuer(bad).is_some(), "{bad}");
        }
    }
}
