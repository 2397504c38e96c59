//! What operators switch for the whole installation. What isn't there is as it is by default.

use crate::commit::Tx;
use crate::error::Result;
use crate::pool::Store;
use sqlx::Executor;
use sqlx::any::Any;

/// The switch for signing in with a password: there and `off`, or not there.
const PASSWORD_SIGN_IN: &str = "password_sign_in";

async fn is_off<'c>(on: impl Executor<'c, Database = Any>, name: &'static str) -> Result<bool> {
    let row = sqlx::query("SELECT 1 FROM settings WHERE name = $1 AND value = 'off'")
        .bind(name)
        .fetch_optional(on)
        .await?;
    Ok(row.is_some())
}

impl Store {
    /// Whether people can sign in with a password.
    pub async fn takes_passwords(&self) -> Result<bool> {
        Ok(!is_off(self.reader(), PASSWORD_SIGN_IN).await?)
    }
}

impl Tx {
    /// Whether people can sign in with a password. Stays true until this transaction ends: no other runs.
    pub async fn takes_passwords(&mut self) -> Result<bool> {
        Ok(!is_off(self.connection(), PASSWORD_SIGN_IN).await?)
    }

    /// Switches signing in with a password.
    pub async fn set_takes_passwords(&mut self, on: bool) -> Result<()> {
        let query = if on {
            sqlx::query("DELETE FROM settings WHERE name = $1")
        } else {
            sqlx::query(
                "INSERT INTO settings (name, value) VALUES ($1, 'off')
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
        };
        query.bind(PASSWORD_SIGN_IN).execute(self.connection()).await?;
        Ok(())
    }
}
