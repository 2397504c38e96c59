//! The key in a request: which headers may carry it, and what is refused before any look-up.

use crate::error::{ApiError, Code};
use http::{HeaderMap, HeaderName, Uri, header};
use memchr::memchr2;
use model::KeyId;
use model::key::{Environment, KeyKind};
use model::key_token::KeyToken;
use std::borrow::Cow;

/// Where a key may stand beside `Authorization`.
const PLAIN: [HeaderName; 2] = [HeaderName::from_static("x-api-key"), HeaderName::from_static("api-key")];

/// How often a URL is decoded in search of a key.
const DECODED: usize = 3;

/// A key whose form and checksum are right; whether it is one, only the directory knows.
pub(crate) struct Presented {
    pub(crate) id: KeyId,
    pub(crate) kind: KeyKind,
    pub(crate) environment: Environment,
    /// Hash of the secret; the secret itself goes no further than this file.
    pub(crate) hash: [u8; 32],
}

/// Finds the one key of a request. Values that don't begin like a key are somebody else's.
pub(crate) fn find(headers: &HeaderMap) -> Result<Presented, ApiError> {
    let bearers = headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| bearer(value.as_bytes()));
    let plain =
        PLAIN.into_iter().flat_map(|name| headers.get_all(name)).map(|value| value.as_bytes().trim_ascii());
    let mut found: Option<&[u8]> = None;
    for value in bearers.chain(plain).filter(|value| value.starts_with(b"sk_") || value.starts_with(b"rk_")) {
        match found {
            Some(first) if first != value => return Err(Code::ConflictingCredentials.into()),
            _ => found = Some(value),
        }
    }
    let token = found.and_then(KeyToken::parse).ok_or(Code::InvalidApiKey)?;
    Ok(Presented {
        id: token.id,
        kind: token.kind,
        environment: token.environment,
        hash: identity::secret::hash_key_secret(token.expose_secret()),
    })
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| rest.trim_ascii())
}

/// Refuses a key in the URL, which ends up in logs along the way: in its path, its query, or before its host.
pub(crate) fn check_url(uri: &Uri) -> Result<(), ApiError> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    if holds_key(target) || holds_key(authority) { Err(Code::CredentialInUrl.into()) } else { Ok(()) }
}

fn holds_key(text: &str) -> bool {
    // Each key has an underscore, and any of it may come percent-encoded.
    if memchr2(b'_', b'%', text.as_bytes()).is_none() {
        return false;
    }
    // Proxies decode what they log, and some what is decoded already.
    let mut text = Cow::Borrowed(text);
    for _ in 0..DECODED {
        if !text.contains('%') {
            break;
        }
        text = Cow::Owned(percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned());
    }
    ["sk_prod_", "sk_sand_", "rk_prod_", "rk_sand_"].iter().any(|start| text.contains(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use model::key_token::{KeySecret, assemble};

    fn key(seed: u8) -> String {
        let mut next = seed;
        let mut fill = |bytes: &mut [u8]| {
            for byte in bytes {
                *byte = next;
                next = next.wrapping_add(3) % 248;
            }
        };
        let id = KeyId::generate(&mut fill);
        assemble(KeyKind::Restricted, Environment::Sandbox, id, &KeySecret::generate(&mut fill))
    }

    fn code(pairs: &[(&'static str, &[u8])]) -> Option<Code> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        find(&headers).err().map(|error| error.code)
    }

    #[test]
    fn every_channel_carries_a_key() {
        let (one, two) = (key(1), key(9));
        let bearer = format!("bEaReR  {one} ");
        assert_eq!(code(&[("authorization", bearer.as_bytes())]), None);
        assert_eq!(code(&[("x-api-key", one.as_bytes())]), None);
        assert_eq!(code(&[("api-key", one.as_bytes())]), None);
        assert_eq!(code(&[("api-key", one.as_bytes()), ("authorization", bearer.as_bytes())]), None);
        assert_eq!(code(&[("authorization", b"Bearer eyJhbGciOi"), ("x-api-key", one.as_bytes())]), None);
        let two_keys: &[(&'static str, &[u8])] =
            &[("api-key", one.as_bytes()), ("x-api-key", two.as_bytes())];
        assert_eq!(code(two_keys), Some(Code::ConflictingCredentials));
        let twice: &[(&'static str, &[u8])] = &[("x-api-key", one.as_bytes()), ("x-api-key", two.as_bytes())];
        assert_eq!(code(twice), Some(Code::ConflictingCredentials));
    }

    #[test]
    fn anything_else_is_no_key() {
        let good = key(1);
        for at in 0..good.len() {
            assert_eq!(
                code(&[("x-api-key", &good.as_bytes()[..at])]),
                Some(Code::InvalidApiKey),
                "cut at {at}"
            );
        }
        let long = [b"sk_".to_vec(), vec![b'a'; 60_000]].concat();
        let hostile: [&[u8]; 7] = [b"", b"sk_", b"sk_\xff\xfe", b"Bearer", b"\xff", b"' OR 1=1 --", &long];
        for value in hostile {
            for name in ["authorization", "x-api-key", "api-key"] {
                assert_eq!(code(&[(name, value)]), Some(Code::InvalidApiKey));
            }
        }
        assert_eq!(code(&[("authorization", format!("Basic {good}").as_bytes())]), Some(Code::InvalidApiKey));
        assert_eq!(code(&[("x-user-key", good.as_bytes())]), Some(Code::InvalidApiKey));
        assert_eq!(code(&[]), Some(Code::InvalidApiKey));
    }

    #[test]
    fn keys_in_urls() {
        for bad in [
            "/v1/models?key=sk_prod_x",
            "/v1/models?a=rk%5Fsand%5Fx",
            "/v1/models/sk_sand_x",
            "/v1/x?s%6B_prod_x",
            "/v1/models?a=%2573k_prod_x",
            "/v1/models?a=sk%25255Fprod%25255Fx",
            "http://rk_prod_x@h/v1/models",
            "http://x:rk%5Fprod%5Fx@h/v1/models",
        ] {
            assert!(check_url(&bad.parse().unwrap()).is_err(), "{bad}");
        }
        for good in ["/v1/models?x=task_prod", "http://my_host:80/v1/models", "/v1/models?x=%2525"] {
            assert!(check_url(&good.parse().unwrap()).is_ok(), "{good}");
        }
    }
}
