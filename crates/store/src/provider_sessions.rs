//! Sessions that were begun with an identity provider, and its word that they are over.

use crate::commit::Tx;
use crate::error::Result;
use crate::sql::text;
use model::{IdentityProviderId, Timestamp, UserId};

impl Tx {
    /// Takes a logout token; `false`: it was taken before.
    pub async fn take_logout_token(&mut self, id_hash: &[u8; 32], expires_at: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO used_logout_tokens (id_hash, expires_at) VALUES ($1, $2) ON CONFLICT (id_hash) DO NOTHING",
        )
        .bind(&id_hash[..])
        .bind(expires_at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends the sessions that were begun with a provider: all of them, or those of one account; how many.
    pub async fn delete_sessions_of_provider(
        &mut self,
        provider: &IdentityProviderId,
        user: Option<&UserId>,
    ) -> Result<u64> {
        let query = match user {
            None => {
                sqlx::query("DELETE FROM sessions WHERE identity_provider_id = $1").bind(provider.as_str())
            }
            Some(user) => {
                sqlx::query("DELETE FROM sessions WHERE identity_provider_id = $1 AND user_id = $2")
                    .bind(provider.as_str())
                    .bind(user.as_str())
            }
        };
        Ok(query.execute(self.connection()).await?.rows_affected())
    }

    /// Ends what the provider calls one session; of this account only, if the provider says whose it is. Sessions of theirs
    /// that it gave no name to could be it.
    pub async fn delete_provider_session(
        &mut self,
        provider: &IdentityProviderId,
        sid: &str,
        user: Option<&UserId>,
    ) -> Result<u64> {
        let query = match user {
            None => sqlx::query("DELETE FROM sessions WHERE identity_provider_id = $1 AND provider_sid = $2")
                .bind(provider.as_str())
                .bind(text(sid)),
            Some(user) => sqlx::query(
                "DELETE FROM sessions WHERE identity_provider_id = $1 AND user_id = $3
                   AND (provider_sid = $2 OR provider_sid IS NULL)",
            )
            .bind(provider.as_str())
            .bind(text(sid))
            .bind(user.as_str()),
        };
        Ok(query.execute(self.connection()).await?.rows_affected())
    }
}
