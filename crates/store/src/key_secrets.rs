//! Secrets of keys: one, and a second while a rotation's grace lasts. Those that are over stay a while, so that they are
//! answered "expired" and not "unknown".

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::keys::{SELECT_VIEW, read_view};
use crate::pool::Store;
use crate::sql::Sql;
use model::key::{KeySecretRecord, KeyView};
use model::{KeyId, Timestamp, UserId};
use std::time::Duration;

/// How long a secret that is over is remembered.
const REMEMBERED: Duration = Duration::from_hours(30 * 24);

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The new secret's generation.
    pub generation: u32,
    /// From when on the secret before it is refused.
    pub previous_expires_at: Timestamp,
    /// The oldest generation that still works.
    pub keep_from: u32,
    /// Secrets that ended with the rotation, instead of later or never.
    pub ended: u64,
}

impl Store {
    /// A key's secrets that are not long over, newest first.
    pub async fn key_secrets(&self, id: &KeyId) -> Result<Vec<KeySecretRecord>> {
        sqlx::query(
            "SELECT generation, created_at, expires_at, last_used_at FROM key_secrets
             WHERE key_id = $1 ORDER BY generation DESC",
        )
        .bind(id.as_str())
        .fetch_all(self.reader())
        .await?
        .iter()
        .map(|row| {
            Ok(KeySecretRecord {
                generation: row.number("generation")?,
                created_at: row.time("created_at")?,
                expires_at: row.maybe_time("expires_at")?,
                last_used_at: row.maybe_time("last_used_at")?,
            })
        })
        .collect()
    }
}

impl Store {
    /// The keys of tenants that work and of which somebody was shown a secret that still does, by name.
    pub async fn keys_shown_to(&self, user: &UserId, now: Timestamp) -> Result<Vec<KeyView>> {
        let mut sql = Sql::new(SELECT_VIEW);
        let at = sql.parameter(now);
        sql.push(
            " WHERE k.owner_id IS NULL AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ",
        );
        sql.push_parameter(at).push(") AND k.id IN (SELECT s.key_id FROM key_secrets s WHERE s.shown_to = ");
        sql.bind(user.as_str()).push(" AND (s.expires_at IS NULL OR s.expires_at > ").push_parameter(at);
        sql.push(")) ORDER BY k.name_folded, k.id");
        sql.fetch_all(self.reader()).await?.iter().map(|row| read_view(row, now)).collect()
    }

    /// Somebody's keys that aren't revoked, by name.
    pub async fn unrevoked_keys_of(&self, user: &UserId, now: Timestamp) -> Result<Vec<KeyView>> {
        let mut sql = Sql::new(SELECT_VIEW);
        sql.push(" WHERE k.revoked_at IS NULL AND k.owner_id = ").bind(user.as_str());
        sql.push(" ORDER BY k.name_folded, k.id");
        sql.fetch_all(self.reader()).await?.iter().map(|row| read_view(row, now)).collect()
    }
}

impl Tx {
    /// Remembers who was shown a key's newest secret.
    pub async fn note_shown(&mut self, id: &KeyId, to: &UserId) -> Result<()> {
        sqlx::query(
            "UPDATE key_secrets SET shown_to = $2 WHERE key_id = $1
               AND generation = (SELECT MAX(s.generation) FROM key_secrets s WHERE s.key_id = $1)",
        )
        .bind(id.as_str())
        .bind(to.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub(crate) async fn insert_secret(
        &mut self,
        id: &KeyId,
        generation: u32,
        hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<()> {
        sqlx::query("INSERT INTO key_secrets (key_id, generation, hash, created_at) VALUES ($1, $2, $3, $4)")
            .bind(id.as_str())
            .bind(i64::from(generation))
            .bind(&hash[..])
            .bind(at.as_micros())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Gives a key a new secret. The one before it lasts for `grace` more and all older ones end now; none lasts longer
    /// than it would have. Secrets that are long over are forgotten.
    pub async fn rotate_secret(
        &mut self,
        id: &KeyId,
        hash: &[u8; 32],
        now: Timestamp,
        grace: Duration,
    ) -> Result<Rotation> {
        let row = sqlx::query("SELECT MAX(generation) AS newest FROM key_secrets WHERE key_id = $1")
            .bind(id.as_str())
            .fetch_one(self.connection())
            .await?;
        let previous: u32 = row.number("newest")?;
        let previous_expires_at = now.after(grace);
        let mut ended = self.end_secrets(id, previous.saturating_sub(1), now).await?;
        let changed = self.end_secrets(id, previous, previous_expires_at).await?;
        let keep_from = if grace.is_zero() {
            ended += changed;
            previous + 1
        } else {
            previous
        };
        sqlx::query("DELETE FROM key_secrets WHERE key_id = $1 AND expires_at < $2")
            .bind(id.as_str())
            .bind(now.before(REMEMBERED).as_micros())
            .execute(self.connection())
            .await?;
        self.insert_secret(id, previous + 1, hash, now).await?;
        Ok(Rotation { generation: previous + 1, previous_expires_at, keep_from, ended })
    }

    /// Ends a key's secrets up to `generation` at `end`, unless they end sooner; how many that changed.
    async fn end_secrets(&mut self, id: &KeyId, generation: u32, end: Timestamp) -> Result<u64> {
        let done = sqlx::query(
            "UPDATE key_secrets SET expires_at = $3
             WHERE key_id = $1 AND generation <= $2 AND (expires_at IS NULL OR expires_at > $3)",
        )
        .bind(id.as_str())
        .bind(i64::from(generation))
        .bind(end.as_micros())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }
}
