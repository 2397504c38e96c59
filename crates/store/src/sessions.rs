//! Browser sessions. Ids are stored hashed: who reads the database can't sign in with it.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::text;
use model::{IdentityProviderId, Timestamp, UserId};
use sqlx::any::AnyRow;

/// A session.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of its id.
    pub id_hash: [u8; 32],
    /// Who signed in, if somebody has.
    pub user_id: Option<UserId>,
    /// The identity provider that it was begun with.
    pub identity_provider_id: Option<IdentityProviderId>,
    /// The identity provider's name for it, for back-channel logout.
    pub provider_sid: Option<String>,
    /// What the session holds, as JSON.
    pub data: String,
    /// When it began.
    pub created_at: Timestamp,
    /// Last request.
    pub last_seen_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

// `data` can hold what only the session's browser should see.
impl std::fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionRow").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

fn read_session(row: &AnyRow) -> Result<SessionRow> {
    Ok(SessionRow {
        id_hash: row.hash("id_hash")?,
        user_id: row.maybe_id("user_id")?,
        identity_provider_id: row.maybe_id("identity_provider_id")?,
        provider_sid: row.maybe_text("provider_sid")?,
        data: row.text("data")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
    })
}

impl Store {
    /// The session with this id, expired or not.
    pub async fn session(&self, id_hash: &[u8; 32]) -> Result<Option<SessionRow>> {
        let row = sqlx::query(
            "SELECT id_hash, user_id, identity_provider_id, provider_sid, data, created_at, last_seen_at, expires_at
             FROM sessions WHERE id_hash = $1",
        )
        .bind(&id_hash[..])
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(read_session).transpose()
    }

    /// A user's sessions that haven't ended and were seen after `seen_after`, the last seen first.
    pub async fn sessions_of(
        &self,
        user: &UserId,
        now: Timestamp,
        seen_after: Timestamp,
    ) -> Result<Vec<SessionRow>> {
        sqlx::query(
            "SELECT id_hash, user_id, identity_provider_id, provider_sid, data, created_at, last_seen_at, expires_at
             FROM sessions WHERE user_id = $1 AND expires_at > $2 AND last_seen_at > $3
             ORDER BY last_seen_at DESC, created_at DESC",
        )
        .bind(user.as_str())
        .bind(now.as_micros())
        .bind(seen_after.as_micros())
        .fetch_all(self.reader())
        .await?
        .iter()
        .map(read_session)
        .collect()
    }

    /// Adds a session; `false`: the id is taken.
    pub async fn create_session(&self, session: &SessionRow) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO sessions
               (id_hash, user_id, identity_provider_id, provider_sid, data, created_at, last_seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id_hash) DO NOTHING",
        )
        .bind(&session.id_hash[..])
        .bind(session.user_id.as_ref().map(UserId::as_str))
        .bind(session.identity_provider_id.as_ref().map(IdentityProviderId::as_str))
        .bind(session.provider_sid.as_deref().map(text))
        .bind(text(&session.data))
        .bind(session.created_at.as_micros())
        .bind(session.last_seen_at.as_micros())
        .bind(session.expires_at.as_micros())
        .execute(self.writer())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Replaces what a session holds (not when it began); `false`: it has ended. Never adds one: a request that was
    /// under way when the session ended must not bring it back.
    pub async fn save_session(&self, session: &SessionRow) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE sessions SET user_id = $2, provider_sid = $3, data = $4, last_seen_at = $5,
                                 expires_at = $6, identity_provider_id = $7
             WHERE id_hash = $1",
        )
        .bind(&session.id_hash[..])
        .bind(session.user_id.as_ref().map(UserId::as_str))
        .bind(session.provider_sid.as_deref().map(text))
        .bind(text(&session.data))
        .bind(session.last_seen_at.as_micros())
        .bind(session.expires_at.as_micros())
        .bind(session.identity_provider_id.as_ref().map(IdentityProviderId::as_str))
        .execute(self.writer())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes a request of a session.
    pub async fn touch_session(&self, id_hash: &[u8; 32], at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE id_hash = $1")
            .bind(&id_hash[..])
            .bind(at.as_micros())
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn delete_session(&self, id_hash: &[u8; 32]) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(&id_hash[..])
            .execute(self.writer())
            .await?;
        Ok(())
    }

    /// Deletes the sessions that have ended by themselves; how many.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now.as_micros())
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected())
    }
}

impl Tx {
    /// Ends one of a user's sessions; `false`: it has ended, or is somebody else's.
    pub async fn delete_session_of(&mut self, user: &UserId, id_hash: &[u8; 32]) -> Result<bool> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id_hash = $2")
            .bind(user.as_str())
            .bind(&id_hash[..])
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a user's sessions, all but `except`; how many.
    pub async fn delete_sessions_of(&mut self, user: &UserId, except: Option<&[u8; 32]>) -> Result<u64> {
        let query = match except {
            None => sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(user.as_str()),
            Some(kept) => sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id_hash <> $2")
                .bind(user.as_str())
                .bind(&kept[..]),
        };
        Ok(query.execute(self.connection()).await?.rows_affected())
    }
}
