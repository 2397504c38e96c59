//! The text form of an API key: `{sk|rk}_{prod|sand}_{public id: 12}{secret: 32}{CRC-32: 6}`.
//!
//! The checksum (CRC-32/ISO-HDLC over everything before it, six base62 digits) lets a mistyped or made-up key be
//! refused before any look-up. It is no protection by itself: the secret is.

use crate::base62;
use crate::id::{KeyId, ManagementKeyId, ScimClientId};
use crate::key::{Environment, KeyKind};
use std::fmt;
use zeroize::Zeroize;

const PREFIX_LEN: usize = 8; // "rk_prod_"
const ID_END: usize = PREFIX_LEN + 12;
const SECRET_END: usize = ID_END + 32;
/// The length of every key in characters.
pub const TOKEN_LEN: usize = SECRET_END + 6;

/// The 32 base62 digits that prove a key. Can't be printed, serialised or compared; wiped when dropped.
pub struct KeySecret([u8; 32]);

impl KeySecret {
    /// A new secret (190 bits) from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        let mut digits = [0u8; 32];
        base62::random(&mut digits, fill);
        Self(digits)
    }

    /// The digits, for hashing.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret")
    }
}

impl Drop for KeySecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A key as a client presents it, checked for form and checksum only. Borrowed: parsing allocates nothing.
pub struct KeyToken<'a> {
    /// `sk` or `rk`.
    pub kind: KeyKind,
    /// `prod` or `sand`.
    pub environment: Environment,
    /// Which key this claims to be.
    pub id: KeyId,
    secret: &'a [u8; 32],
}

impl<'a> KeyToken<'a> {
    /// Parses a whole key. `None` for anything that isn't one to the last digit.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() != TOKEN_LEN || !base62::is_base62(&bytes[PREFIX_LEN..]) {
            return None;
        }
        let (kind, environment) = prefix(&bytes[..PREFIX_LEN])?;
        if base62::encode_u32(crc32fast::hash(&bytes[..SECRET_END])) != bytes[SECRET_END..] {
            return None;
        }
        Some(Self {
            kind,
            environment,
            id: KeyId::from_digits(&bytes[PREFIX_LEN..ID_END])?,
            secret: bytes[ID_END..SECRET_END].try_into().ok()?,
        })
    }

    /// The presented secret, for hashing.
    pub fn expose_secret(&self) -> &[u8; 32] {
        self.secret
    }
}

impl fmt::Debug for KeyToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyToken({}…)", display_prefix(self.kind, self.environment, self.id))
    }
}

fn prefix(bytes: &[u8]) -> Option<(KeyKind, Environment)> {
    let kind = match &bytes[..3] {
        b"sk_" => KeyKind::Standard,
        b"rk_" => KeyKind::Restricted,
        _ => return None,
    };
    match &bytes[3..] {
        b"prod_" => Some((kind, Environment::Production)),
        b"sand_" => Some((kind, Environment::Sandbox)),
        _ => None,
    }
}

/// The whole key as text: shown once, at creation or rotation.
pub fn assemble(kind: KeyKind, environment: Environment, id: KeyId, secret: &KeySecret) -> String {
    let mut text = String::with_capacity(TOKEN_LEN);
    text.push_str(kind.token_prefix());
    text.push('_');
    text.push_str(environment.token_part());
    text.push('_');
    text.push_str(id.as_str());
    finished(text, secret)
}

/// What the text begins with, then the secret and the checksum.
fn finished(mut text: String, secret: &KeySecret) -> String {
    text.extend(secret.0.iter().map(|digit| char::from(*digit)));
    let checksum = base62::encode_u32(crc32fast::hash(text.as_bytes()));
    text.extend(checksum.map(char::from));
    text
}

/// What lists show for a key: `rk_prod_7Hq2` (kind, environment, first four digits of the public id).
pub fn display_prefix(kind: KeyKind, environment: Environment, id: KeyId) -> String {
    format!("{}_{}_{}", kind.token_prefix(), environment.token_part(), &id.as_str()[..4])
}

/// What begins with its id and goes on as an API key does: 32 digits of secret and the checksum.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident, $id:ty, $id_end:literal, $assemble:ident, $(#[$assemble_doc:meta])*) => {
        $(#[$doc])*
        pub struct $name<'a> {
            /// Which one this claims to be.
            pub id: $id,
            secret: &'a [u8; 32],
        }

        impl<'a> $name<'a> {
            /// Parses a whole one. `None` for anything that isn't one to the last digit.
            pub fn parse(bytes: &'a [u8]) -> Option<Self> {
                let (digits, checksum) = bytes.split_at_checked($id_end + 32)?;
                if base62::encode_u32(crc32fast::hash(digits)) != checksum {
                    return None;
                }
                let (id, secret) = digits.split_at_checked($id_end)?;
                let secret: &[u8; 32] = secret.try_into().ok()?;
                let id = std::str::from_utf8(id).ok()?.parse().ok()?;
                base62::is_base62(secret).then_some(Self { id, secret })
            }

            /// The presented secret, for hashing.
            pub fn expose_secret(&self) -> &[u8; 32] {
                self.secret
            }
        }

        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({}…)"), self.id)
            }
        }

        $(#[$assemble_doc])*
        pub fn $assemble(id: &$id, secret: &KeySecret) -> String {
            finished(id.as_str().to_owned(), secret)
        }
    };
}

token! {
    /// A management key as a client presents it: `mk_`, and then as in an API key.
    ManagementToken, ManagementKeyId, 15, assemble_management,
    /// The whole management key as text: shown once, at creation.
}

token! {
    /// A SCIM client's token as it presents it: `scim_`, and then as in an API key.
    ScimToken, ScimClientId, 17, assemble_scim,
    /// The whole token of a SCIM client as text: shown once, at creation.
}

/// Cuts pasted search text down to what is no secret: of anything that looks like a key (also one cut short or with
/// text around it), only the prefix and public id stay. Text without a key comes back as it is.
///
/// Runs in the browser before a search is sent, and again on the server.
pub fn redact_search(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, prefix)) = find_prefix(rest) {
        let begin = at + prefix;
        let digits = rest[begin..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        out.push_str(&rest[..begin + digits.min(12)]);
        rest = &rest[begin + digits..];
    }
    out.push_str(rest);
    out
}

/// Where the first key begins, and how long the prefix is that says so.
fn find_prefix(text: &str) -> Option<(usize, usize)> {
    let prefixes = ["sk_prod_", "sk_sand_", "rk_prod_", "rk_sand_", "mk_", "scim_"];
    prefixes.iter().filter_map(|prefix| text.find(prefix).map(|at| (at, prefix.len()))).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0u8;
        move |bytes: &mut [u8]| {
            for byte in bytes {
                *byte = next;
                next = (next + 7) % 248;
            }
        }
    }

    fn sample() -> String {
        let mut fill = counting();
        let id = KeyId::generate(&mut fill);
        let secret = KeySecret::generate(&mut fill);
        assemble(KeyKind::Restricted, Environment::Production, id, &secret)
    }

    #[test]
    fn a_key_parses_back_into_its_parts() {
        let text = sample();
        assert_eq!(text.len(), TOKEN_LEN);
        let token = KeyToken::parse(text.as_bytes()).unwrap();
        assert_eq!(token.kind, KeyKind::Restricted);
        assert_eq!(token.environment, Environment::Production);
        assert_eq!(token.id.as_str(), &text[8..20]);
        assert_eq!(&token.expose_secret()[..], &text.as_bytes()[20..52]);
    }

    #[test]
    fn every_single_changed_or_missing_character_is_refused() {
        let text = sample();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            assert!(KeyToken::parse(&bytes).is_none(), "changed at {at}");
            assert!(KeyToken::parse(&text.as_bytes()[..at]).is_none(), "cut at {at}");
        }
        assert!(KeyToken::parse(format!("{text}x").as_bytes()).is_none());
    }

    #[test]
    fn a_management_key_is_parsed_to_the_last_digit() {
        let mut fill = counting();
        let id = ManagementKeyId::generate(&mut fill);
        let text = assemble_management(&id, &KeySecret::generate(&mut fill));
        assert_eq!((text.len(), &text[..15]), (53, id.as_str()));
        let token = ManagementToken::parse(text.as_bytes()).unwrap();
        assert_eq!((&token.id, &token.expose_secret()[..]), (&id, &text.as_bytes()[15..47]));
        assert!(!format!("{token:?}").contains(&text[15..47]));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            assert!(ManagementToken::parse(&bytes).is_none(), "changed at {at}");
            assert!(ManagementToken::parse(&text.as_bytes()[..at]).is_none(), "cut at {at}");
        }
        assert!(ManagementToken::parse(format!("{text}x").as_bytes()).is_none());
        assert!(KeyToken::parse(text.as_bytes()).is_none());
        assert!(ManagementToken::parse(sample().as_bytes()).is_none());
        assert_eq!(redact_search(&format!("x {text} y")), format!("x {id} y"));
    }

    #[test]
    fn a_scim_token_is_no_management_key() {
        let mut fill = counting();
        let id = ScimClientId::generate(&mut fill);
        let text = assemble_scim(&id, &KeySecret::generate(&mut fill));
        assert_eq!((text.len(), &text[..17]), (55, id.as_str()));
        assert_eq!(ScimToken::parse(text.as_bytes()).unwrap().id, id);
        assert!(
            ManagementToken::parse(text.as_bytes()).is_none() && KeyToken::parse(text.as_bytes()).is_none()
        );
        for at in 0..text.len() {
            assert!(ScimToken::parse(&text.as_bytes()[..at]).is_none(), "cut at {at}");
        }
        assert_eq!(redact_search(&format!("x {text} y")), format!("x {id} y"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = sample();
        let shown = format!("{:?}", KeyToken::parse(text.as_bytes()).unwrap());
        assert!(!shown.contains(&text[20..52]));
    }

    #[test]
    fn a_pasted_key_is_cut_to_its_public_id() {
        let text = sample();
        assert_eq!(redact_search(&text), text[..20]);
        assert_eq!(redact_search(&format!("Bearer {text} x")), format!("Bearer {} x", &text[..20]));
        assert_eq!(redact_search(&text[..30]), text[..20]);
        assert_eq!(redact_search("checkout"), "checkout");
    }
}
