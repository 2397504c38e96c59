//! Second factors of accounts: the sealed secret, the newest code that was taken, hashes of recovery codes.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::pool::Store;
use model::{Timestamp, UserId};
use sqlx::any::AnyRow;

/// A second factor.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// What the authenticator knows too, sealed.
    pub sealed_secret: Vec<u8>,
    /// Since when it is asked for.
    pub enrolled_at: Timestamp,
    /// The newest time step whose code was taken.
    pub last_step: i64,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor").field("enrolled_at", &self.enrolled_at).finish_non_exhaustive()
    }
}

const SELECT: &str = "SELECT sealed_secret, enrolled_at, last_step FROM second_factors WHERE user_id = $1";

impl Store {
    /// The second factor of an account, if it has one.
    pub async fn second_factor(&self, user: &UserId) -> Result<Option<SecondFactor>> {
        let row = sqlx::query(SELECT).bind(user.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_factor).transpose()
    }

    /// How many recovery codes of an account weren't used.
    pub async fn recovery_codes_left(&self, user: &UserId) -> Result<u32> {
        let row = sqlx::query(LEFT).bind(user.as_str()).fetch_one(self.reader()).await?;
        row.number("found")
    }
}

const LEFT: &str = "SELECT COUNT(*) AS found FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";

impl Tx {
    /// The second factor of an account, as this transaction sees it.
    pub async fn second_factor(&mut self, user: &UserId) -> Result<Option<SecondFactor>> {
        let row = sqlx::query(SELECT).bind(user.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(read_factor).transpose()
    }

    /// Gives an account a second factor. One that it has already is the conflict `second_factor`.
    pub async fn insert_second_factor(&mut self, user: &UserId, factor: &SecondFactor) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO second_factors (user_id, sealed_secret, enrolled_at, last_step) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id) DO NOTHING",
        )
        .bind(user.as_str())
        .bind(&factor.sealed_secret[..])
        .bind(factor.enrolled_at.as_micros())
        .bind(factor.last_step)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict { what: "second_factor" }) }
    }

    /// Takes the code of a time step; `false`: it was taken, or a newer one was. One statement, so that of many who
    /// send the same code at once one gets in.
    pub async fn take_step(&mut self, user: &UserId, step: i64) -> Result<bool> {
        let done =
            sqlx::query("UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2")
                .bind(user.as_str())
                .bind(step)
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes a recovery code; `false`: there is none like it, or it was used.
    pub async fn take_recovery_code(
        &mut self,
        user: &UserId,
        hash: &[u8; 32],
        at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL",
        )
        .bind(user.as_str())
        .bind(&hash[..])
        .bind(at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How many recovery codes of an account weren't used.
    pub async fn recovery_codes_left(&mut self, user: &UserId) -> Result<u32> {
        let row = sqlx::query(LEFT).bind(user.as_str()).fetch_one(self.connection()).await?;
        row.number("found")
    }

    /// Replaces an account's recovery codes, used ones too.
    pub async fn set_recovery_codes(&mut self, user: &UserId, hashes: &[[u8; 32]]) -> Result<()> {
        sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
            .bind(user.as_str())
            .execute(self.connection())
            .await?;
        for hash in hashes {
            sqlx::query("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)")
                .bind(user.as_str())
                .bind(&hash[..])
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Takes an account's second factor away, and its recovery codes with it; `false`: it had none.
    pub async fn delete_second_factor(&mut self, user: &UserId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM second_factors WHERE user_id = $1")
            .bind(user.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read_factor(row: &AnyRow) -> Result<SecondFactor> {
    Ok(SecondFactor {
        sealed_secret: row.get("sealed_secret")?,
        enrolled_at: row.time("enrolled_at")?,
        last_step: row.get("last_step")?,
    })
}
