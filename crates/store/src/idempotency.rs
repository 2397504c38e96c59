//! Requests with an `Idempotency-Key` that were done: what each of them did, and its answer if that may be kept. Answers
//! with a secret in them never get here.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::text;
use model::Timestamp;
use std::time::Duration;

/// How long a request is remembered.
const REMEMBERED: Duration = Duration::from_hours(24);

/// A request that must not be done twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// Who made it: an actor's stable id. Keys of others are other keys.
    pub actor_id: String,
    /// The key that the caller chose.
    pub key: String,
    /// SHA-256 of what was asked for.
    pub request_hash: [u8; 32],
}

/// What is remembered of a request that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// What it did; its answer isn't kept, or not yet.
    Acted {
        /// The audit action, e.g. `key.create`.
        action: String,
        /// To which object.
        object_id: String,
    },
    /// Its answer, in the words of whoever kept it.
    Answered(String),
}

impl Store {
    /// What an earlier request with the same key did; `None`: there was none. An earlier request that asked for
    /// something else is the conflict `request`.
    pub async fn already_done(
        &self,
        request: &IdempotentRequest,
        now: Timestamp,
    ) -> Result<Option<Remembered>> {
        let row = sqlx::query(
            "SELECT action, request_hash, object_id, answer FROM idempotency_keys
             WHERE actor_id = $1 AND idempotency_key = $2 AND created_at > $3",
        )
        .bind(text(&request.actor_id))
        .bind(text(&request.key))
        .bind(now.before(REMEMBERED).as_micros())
        .fetch_optional(self.reader())
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.hash("request_hash")? != request.request_hash {
            return Err(Error::Conflict { what: "request" });
        }
        Ok(Some(match row.maybe_text("answer")? {
            Some(answer) => Remembered::Answered(answer),
            None => Remembered::Acted { action: row.text("action")?, object_id: row.text("object_id")? },
        }))
    }

    /// Keeps the answer to a request that was done, whether a transaction remembered it or there was nothing to do. One
    /// that asked for something else under the same key keeps its place.
    pub async fn keep_answer(&self, request: &IdempotentRequest, answer: &str, now: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO idempotency_keys (actor_id, idempotency_key, action, request_hash, object_id, answer,
                                           created_at)
             VALUES ($1, $2, '', $3, '', $4, $5)
             ON CONFLICT (actor_id, idempotency_key) DO UPDATE
             SET request_hash = excluded.request_hash, answer = excluded.answer, created_at = excluded.created_at
             WHERE idempotency_keys.request_hash = excluded.request_hash OR idempotency_keys.created_at <= $6",
        )
        .bind(text(&request.actor_id))
        .bind(text(&request.key))
        .bind(&request.request_hash[..])
        .bind(text(answer))
        .bind(now.as_micros())
        .bind(now.before(REMEMBERED).as_micros())
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Forgets requests of more than a day ago.
    pub async fn sweep_idempotency_keys(&self, now: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM idempotency_keys WHERE created_at <= $1")
            .bind(now.before(REMEMBERED).as_micros())
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected())
    }
}

impl Tx {
    /// Remembers that this transaction does `request`: this action, to this object. A remembered one with the same key
    /// is the conflict `idempotency_key`: the database decides, however many try at once.
    pub async fn remember(
        &mut self,
        request: &IdempotentRequest,
        action: &'static str,
        object_id: &str,
        now: Timestamp,
    ) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO idempotency_keys (actor_id, idempotency_key, action, request_hash, object_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (actor_id, idempotency_key) DO UPDATE
             SET action = excluded.action, request_hash = excluded.request_hash, object_id = excluded.object_id,
                 answer = NULL, created_at = excluded.created_at
             WHERE idempotency_keys.created_at <= $7",
        )
        .bind(text(&request.actor_id))
        .bind(text(&request.key))
        .bind(action)
        .bind(&request.request_hash[..])
        .bind(text(object_id))
        .bind(now.as_micros())
        .bind(now.before(REMEMBERED).as_micros())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict { what: "idempotency_key" });
        }
        Ok(())
    }
}
