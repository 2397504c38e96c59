//! Sign-ins that are under way at a provider. What binds them to a browser is stored hashed; each is for once.

use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::text;
use model::{IdentityProviderId, Timestamp, UserId};

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptPurpose {
    /// To sign in.
    SignIn,
    /// To see what a provider says; changes nothing.
    Test,
    /// To prove oneself once more.
    StepUp,
}

impl AttemptPurpose {
    const ALL: [Self; 3] = [Self::SignIn, Self::Test, Self::StepUp];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Test => "test",
            Self::StepUp => "step_up",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// An attempt.
#[derive(Clone)]
pub struct SignInAttempt {
    /// With which provider.
    pub provider_id: IdentityProviderId,
    /// What for.
    pub purpose: AttemptPurpose,
    /// Who tests, or proves themselves.
    pub user_id: Option<UserId>,
    /// SHA-256 of what the ID token must repeat.
    pub nonce_hash: [u8; 32],
    /// PKCE's verifier, sealed.
    pub sealed_verifier: Vec<u8>,
    /// Where to go then.
    pub next: Option<String>,
    /// From which network it was begun.
    pub network: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Until when it may be finished.
    pub expires_at: Timestamp,
}

impl Store {
    /// How many attempts of a network are open.
    pub async fn count_attempts(&self, network: &str, now: Timestamp) -> Result<u64> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS found FROM sign_in_attempts WHERE network = $1 AND expires_at > $2",
        )
        .bind(text(network))
        .bind(now.as_micros())
        .fetch_one(self.reader())
        .await?;
        row.number("found")
    }

    /// Begins an attempt under the hash of what its browser keeps and of what comes back with it.
    pub async fn insert_attempt(
        &self,
        id_hash: &[u8; 32],
        state_hash: &[u8; 32],
        attempt: &SignInAttempt,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO sign_in_attempts (id_hash, state_hash, nonce_hash, sealed_verifier, provider_id, purpose, user_id,
                                           next, network, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&id_hash[..])
        .bind(&state_hash[..])
        .bind(&attempt.nonce_hash[..])
        .bind(&attempt.sealed_verifier[..])
        .bind(attempt.provider_id.as_str())
        .bind(attempt.purpose.as_str())
        .bind(attempt.user_id.as_ref().map(UserId::as_str))
        .bind(attempt.next.as_deref().map(text))
        .bind(attempt.network.as_deref().map(text))
        .bind(attempt.created_at.as_micros())
        .bind(attempt.expires_at.as_micros())
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Takes an attempt: it is gone afterwards, whatever comes of it. `None`: there is none for this browser with this
    /// state and provider, or its time is over. One statement, so that of two who come with the same one gets it.
    pub async fn take_attempt(
        &self,
        id_hash: &[u8; 32],
        state_hash: &[u8; 32],
        provider: &IdentityProviderId,
        now: Timestamp,
    ) -> Result<Option<SignInAttempt>> {
        let row = sqlx::query(
            "DELETE FROM sign_in_attempts WHERE id_hash = $1 AND state_hash = $2 AND provider_id = $3
             RETURNING provider_id, purpose, user_id, nonce_hash, sealed_verifier, next, network, created_at, expires_at",
        )
        .bind(&id_hash[..])
        .bind(&state_hash[..])
        .bind(provider.as_str())
        .fetch_optional(self.writer())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let attempt = SignInAttempt {
            provider_id: row.id("provider_id")?,
            purpose: row.word("purpose", AttemptPurpose::parse)?,
            user_id: row.maybe_id("user_id")?,
            nonce_hash: row.hash("nonce_hash")?,
            sealed_verifier: row.get("sealed_verifier")?,
            next: row.maybe_text("next")?,
            network: row.maybe_text("network")?,
            created_at: row.time("created_at")?,
            expires_at: row.time("expires_at")?,
        };
        Ok(Some(attempt).filter(|attempt| now < attempt.expires_at))
    }

    /// Forgets attempts that nobody finished, and logout tokens that would be refused anyway.
    pub async fn sweep_attempts(&self, now: Timestamp) -> Result<u64> {
        let attempts = sqlx::query("DELETE FROM sign_in_attempts WHERE expires_at <= $1")
            .bind(now.as_micros())
            .execute(self.writer())
            .await?;
        let tokens = sqlx::query("DELETE FROM used_logout_tokens WHERE expires_at <= $1")
            .bind(now.as_micros())
            .execute(self.writer())
            .await?;
        Ok(attempts.rows_affected() + tokens.rows_affected())
    }
}
