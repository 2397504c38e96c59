//! Hashes of high-entropy secrets: API key secrets, one-time links, session ids.
//!
//! These have 190 bits of entropy or more, so a plain SHA-256 can't be guessed back; passwords are another story
//! (see [`crate::password`]).

use model::base62;
use model::time::Entropy;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// SHA-256 of a key's secret: what the store keeps.
pub fn hash_key_secret(secret: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// SHA-256 of a token such as a one-time link's or a session's.
pub fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Whether two hashes are equal, in the same time wherever they differ.
pub fn matches(presented: &[u8; 32], stored: &[u8; 32]) -> bool {
    presented.ct_eq(stored).into()
}

/// Whether two secrets of any length are equal. Compares their hashes, so that neither content nor length shows.
pub fn same_secret(presented: &str, expected: &str) -> bool {
    matches(&hash_token(presented), &hash_token(expected))
}

/// A token for a one-time link: 43 base62 digits, 256 bits. Shown once; the store keeps its hash.
pub struct LinkToken(Zeroizing<String>);

impl LinkToken {
    /// A new token.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut digits = Zeroizing::new([0u8; 43]);
        base62::random(&mut *digits, |bytes| entropy.fill(bytes));
        Self(Zeroizing::new(digits.iter().map(|digit| char::from(*digit)).collect()))
    }

    /// The token, for the link that is shown.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the store keeps.
    pub fn hash(&self) -> [u8; 32] {
        hash_token(&self.0)
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secret_matches() {
        let stored = hash_key_secret(&[b'a'; 32]);
        assert!(matches(&hash_key_secret(&[b'a'; 32]), &stored));
        assert!(!matches(&hash_key_secret(&[b'b'; 32]), &stored));
        assert!(same_secret("master", "master"));
        assert!(!same_secret("master", "master "));
        assert!(!same_secret("", "master"));
    }
}
