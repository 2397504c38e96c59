//! Addresses of providers: what may be written, and when two lead to the same place. Which network addresses a host
//! may have is decided when it is called, on the address connected to.

use crate::error::FieldError;
use std::net::Ipv6Addr;

/// Longest address in bytes.
const MAX_LEN: usize = 2_000;
/// Longest host name (RFC 1035 §3.1, without the dot at the end).
const MAX_HOST: usize = 253;

/// Where requests go by an address: a credential that was given for one origin is sent to no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a base URL; `None` when it is none that may be written.
    pub fn of(base_url: &str) -> Option<Self> {
        let (scheme, rest) = base_url.split_once("://")?;
        let https = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        // No user info, query, fragment, backslash, space or control character: two readers of the same text must not
        // see different hosts in it (RFC 3986 §2, without `?`, `#` and `@`).
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]!$&'()*+,;=%".contains(&byte);
        if base_url.len() > MAX_LEN || !rest.bytes().all(plain) {
            return None;
        }
        let authority = rest.split('/').next()?;
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                let host: Ipv6Addr = host.parse().ok()?;
                (host.to_string(), if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (named(host)?, Some(port)),
                None => (named(authority)?, None),
            },
        };
        let port = match port {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|port| *port != 0)?
            }
            Some(_) => return None,
            None if https => 443,
            None => 80,
        };
        Some(Self { https, host, port })
    }
}

/// A host's name or IPv4 address in lower case.
fn named(host: &str) -> Option<String> {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    (host.len() <= MAX_HOST && host.split('.').all(label)).then(|| host.to_ascii_lowercase())
}

/// What is wrong with an address.
pub(super) fn check(base_url: &str) -> Option<FieldError> {
    if !(base_url.starts_with("https://") || base_url.starts_with("http://")) {
        return Some(FieldError::new(
            "base_url",
            "must be an http:// or https:// address such as https://api.openai.com/v1",
        ));
    }
    Origin::of(base_url).is_none().then(|| {
        FieldError::new(
            "base_url",
            "must have a host and no user info, query, fragment, spaces or odd characters",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_may_be_written() {
        for good in [
            "https://api.openai.com/v1",
            "http://127.0.0.1:11434/v1",
            "http://[::1]:8080",
            "https://h_1.example/a%20b/~x",
            "http://2130706433/v1",
        ] {
            assert!(Origin::of(good).is_some() && check(good).is_none(), "{good}");
        }
        for bad in [
            "",
            "https://",
            "https:///v1",
            "https://:443/v1",
            "https://user@h/v1",
            "https://user:password@h/v1",
            "https://h/v1?x=1",
            "https://h/v1#x",
            "https://h\\@evil/v1",
            "https://h/\u{0}",
            "https://h/a\nb",
            "https://h\t/v1",
            "https://ho st/v1",
            "https://h\u{e4}/v1",
            "https://\u{ff48}/v1",
            "https://h%2eexample/v1",
            "https://h:/v1",
            "https://h:0/v1",
            "https://h:65536/v1",
            "https://h:+1/v1",
            "https://h:1:2/v1",
            "https://.h/v1",
            "https://a..b/v1",
            "https://[::1/v1",
            "https://[::1]x/v1",
            "https://[localhost]/v1",
            "https://[fe80::1%25eth0]/v1",
            "HTTPS://h/v1",
            "ftp://h/v1",
            "file:///etc/passwd",
            "gopher://h",
            "//h/v1",
            "https:h/v1",
            "javascript:alert(1)",
        ] {
            assert!(check(bad).is_some_and(|error| error.field == "base_url"), "{bad}");
        }
        assert!(check(&format!("https://{}.example", "a".repeat(250))).is_some());
        assert!(check(&format!("https://h/{}", "a".repeat(2_000))).is_some());
    }

    #[test]
    fn the_same_place_in_other_words() {
        let same = |a: &str, b: &str| Origin::of(a).unwrap() == Origin::of(b).unwrap();
        assert!(same("https://API.example/v1", "https://api.example:443/v2"));
        assert!(same("http://[0:0::1]", "http://[::1]:80/v1"));
        for other in ["http://h:443", "https://h:444", "https://h.example", "https://x/h"] {
            assert!(!same("https://h", other), "{other}");
        }
    }
}
