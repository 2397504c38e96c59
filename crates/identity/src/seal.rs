//! Sealing of credentials at rest: XChaCha20-Poly1305, with the id of the key in front so that keys can be rotated.
//!
//! Layout: version (1 byte, 1) · key id (4 bytes, first of SHA-256 of the key) · nonce (24 bytes) · ciphertext and tag.
//! The purpose (e.g. `provider:openai-primary`) is authenticated, so a sealed value can't be moved to another place.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::time::Entropy;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const HEADER: usize = 5;
const NONCE: usize = 24;

/// The key that seals credentials. Comes from configuration or is made at first start.
pub struct SealingKey {
    cipher: XChaCha20Poly1305,
    id: [u8; 4],
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

/// Why something couldn't be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not what this module writes.
    #[error("the sealed value is damaged")]
    Damaged,
    /// Sealed with another key.
    #[error("the value was sealed with another key: check secrets.key")]
    OtherKey,
    /// The cipher refused.
    #[error("sealing failed")]
    Failed,
}

impl SealingKey {
    /// From 32 bytes of key material.
    pub fn new(material: &[u8; 32]) -> Self {
        let digest = Sha256::digest(material);
        let id = [digest[0], digest[1], digest[2], digest[3]];
        Self { cipher: XChaCha20Poly1305::new(material.into()), id }
    }

    /// The key's id in hexadecimal digits: every sealed value begins with it, so it says nothing that these don't.
    pub fn id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }

    /// Seals `plain` for `purpose`.
    pub fn seal(&self, plain: &str, purpose: &str, entropy: &dyn Entropy) -> Result<Vec<u8>, Error> {
        let mut nonce = [0u8; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: plain.as_bytes(), aad: purpose.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Failed)?;
        let mut out = Vec::with_capacity(HEADER + NONCE + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what was sealed for the same `purpose`.
    pub fn open(&self, sealed: &[u8], purpose: &str) -> Result<Zeroizing<String>, Error> {
        let (header, rest) = sealed.split_at_checked(HEADER).ok_or(Error::Damaged)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or(Error::Damaged)?;
        if header[0] != VERSION {
            return Err(Error::Damaged);
        }
        if header[1..] != self.id {
            return Err(Error::OtherKey);
        }
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Error::Damaged)?;
        let payload = Payload { msg: body, aad: purpose.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Damaged)?;
        String::from_utf8(plain).map(Zeroizing::new).map_err(|_| Error::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn opens_only_with_the_same_key_for_the_same_purpose_and_unchanged() {
        let key = SealingKey::new(&[1; 32]);
        let sealed = key.seal("sk-upstream", "provider:a", &Fixed).unwrap();
        assert_eq!(&**key.open(&sealed, "provider:a").unwrap(), "sk-upstream");
        assert_eq!(key.open(&sealed, "provider:b").unwrap_err(), Error::Damaged);
        assert_eq!(SealingKey::new(&[2; 32]).open(&sealed, "provider:a").unwrap_err(), Error::OtherKey);
        for cut in 0..sealed.len() {
            assert!(key.open(&sealed[..cut], "provider:a").is_err());
        }
        let mut flipped = sealed.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert_eq!(key.open(&flipped, "provider:a").unwrap_err(), Error::Damaged);
        assert!(!sealed.windows(11).any(|window| window == b"sk-upstream"));
        let id: [u8; 4] = sealed[1..5].try_into().unwrap();
        assert_eq!(key.id(), format!("{:08x}", u32::from_be_bytes(id)));
    }
}
