//! Passwords: whether one can be guessed, and argon2id, off the async threads, behind a semaphore so that a burst of sign-ins can't take the machine.

use crate::guess;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use std::fmt;
use std::sync::Arc;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// A password as typed. Can't be printed, serialised or compared; wiped when dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what was typed.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// What was typed, for checking its form.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Why a password couldn't be hashed. Says nothing about the password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// argon2 refused (out of memory, broken randomness).
    #[error("password hashing failed: {0}")]
    Hash(argon2::password_hash::Error),
    /// What the store holds is no PHC string.
    #[error("the stored password hash is damaged")]
    Stored,
    /// The runtime is going down.
    #[error("password hashing was interrupted")]
    Interrupted,
}

/// Hashes and verifies with argon2id at the crate's defaults (19 MiB, 2 passes, 1 lane: OWASP's minimum).
#[derive(Clone)]
pub struct Hasher {
    permits: Arc<Semaphore>,
    /// Hash of a password that nobody has, so that an unknown account costs the same work as a known one.
    decoy: Arc<str>,
}

impl Hasher {
    /// At most `permits` hashes at a time.
    pub fn new(permits: usize) -> Result<Self, Error> {
        let decoy = Argon2::default().hash_password(b"nobody has this password").map_err(Error::Hash)?;
        Ok(Self { permits: Arc::new(Semaphore::new(permits.max(1))), decoy: decoy.to_string().into() })
    }

    /// The PHC string to store.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::Interrupted)?;
        tokio::task::spawn_blocking(move || {
            Argon2::default()
                .hash_password(password.expose().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(Error::Hash)
        })
        .await
        .map_err(|_| Error::Interrupted)?
    }

    /// Whether `password` is among the first that somebody would try who knows these `words`: too common, or made of
    /// them. Work like that of a hash, so in the same queue.
    pub async fn is_guessable(&self, password: &Password, words: Vec<String>) -> Result<bool, Error> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::Interrupted)?;
        let password = Password(password.0.clone());
        tokio::task::spawn_blocking(move || {
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            guess::is_guessable(password.expose(), &words)
        })
        .await
        .map_err(|_| Error::Interrupted)
    }

    /// Whether `password` is the one behind `stored`. Without a stored hash: the same work, and `false`.
    pub async fn verify(&self, password: Password, stored: Option<&str>) -> Result<bool, Error> {
        let _permit = self.permits.acquire().await.map_err(|_| Error::Interrupted)?;
        let known = stored.is_some();
        let stored = stored.map_or_else(|| self.decoy.to_string(), str::to_owned);
        tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&stored).map_err(|_| Error::Stored)?;
            let equal = Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok();
            Ok(equal && known)
        })
        .await
        .map_err(|_| Error::Interrupted)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hasher = Hasher::new(2).unwrap();
        let stored = hasher.hash(password("correct horse battery")).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(hasher.verify(password("correct horse battery"), Some(&stored)).await.unwrap());
        assert!(!hasher.verify(password("Correct horse battery"), Some(&stored)).await.unwrap());
    }

    #[tokio::test]
    async fn an_account_without_a_password_accepts_none_not_even_the_decoy() {
        let hasher = Hasher::new(2).unwrap();
        assert!(!hasher.verify(password(""), None).await.unwrap());
        assert!(!hasher.verify(password("nobody has this password"), None).await.unwrap());
    }

    #[test]
    fn debug_shows_no_password() {
        assert_eq!(format!("{:?}", password("canary")), "Password");
    }
}
