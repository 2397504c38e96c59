//! Failed sign-ins, counted by bucket (a folded account name, a network prefix): the lock-out's memory.

use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::text;
use model::Timestamp;
use sqlx::any::AnyRow;

/// The failures of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginBucket {
    /// Since the last success.
    pub failures: u32,
    /// The last of them.
    pub last_failure_at: Timestamp,
    /// Until when nothing is tried.
    pub locked_until: Option<Timestamp>,
}

impl Store {
    /// The failures of a bucket; `None`: there are none.
    pub async fn login_bucket(&self, bucket: &str) -> Result<Option<LoginBucket>> {
        let row = sqlx::query(
            "SELECT failures, last_failure_at, locked_until FROM login_buckets WHERE bucket = $1",
        )
        .bind(text(bucket))
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(read_bucket).transpose()
    }

    /// Counts one more failure and returns the bucket as it is then. One statement, so that of many guesses at once
    /// none goes uncounted; a lock that is set stays.
    pub async fn add_login_failure(&self, bucket: &str, at: Timestamp) -> Result<LoginBucket> {
        let row = sqlx::query(
            "INSERT INTO login_buckets (bucket, failures, last_failure_at) VALUES ($1, 1, $2)
             ON CONFLICT (bucket) DO UPDATE SET failures = login_buckets.failures + 1,
               last_failure_at = excluded.last_failure_at
             RETURNING failures, last_failure_at, locked_until",
        )
        .bind(text(bucket))
        .bind(at.as_micros())
        .fetch_one(self.writer())
        .await?;
        read_bucket(&row)
    }

    /// Replaces what a bucket holds.
    pub async fn save_login_bucket(&self, bucket: &str, state: &LoginBucket) -> Result<()> {
        sqlx::query(
            "INSERT INTO login_buckets (bucket, failures, last_failure_at, locked_until)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures,
               last_failure_at = excluded.last_failure_at, locked_until = excluded.locked_until",
        )
        .bind(text(bucket))
        .bind(i64::from(state.failures))
        .bind(state.last_failure_at.as_micros())
        .bind(state.locked_until.map(Timestamp::as_micros))
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Forgets the buckets that nothing was added to since `before`; how many.
    pub async fn sweep_login_buckets(&self, before: Timestamp) -> Result<u64> {
        let done = sqlx::query("DELETE FROM login_buckets WHERE last_failure_at < $1")
            .bind(before.as_micros())
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets a bucket's failures.
    pub async fn clear_login_bucket(&self, bucket: &str) -> Result<()> {
        sqlx::query("DELETE FROM login_buckets WHERE bucket = $1")
            .bind(text(bucket))
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

fn read_bucket(row: &AnyRow) -> Result<LoginBucket> {
    Ok(LoginBucket {
        failures: row.number("failures")?,
        last_failure_at: row.time("last_failure_at")?,
        locked_until: row.maybe_time("locked_until")?,
    })
}
