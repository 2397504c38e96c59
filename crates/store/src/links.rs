//! One-time links. Tokens are stored hashed; a link works once, until its end.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use model::{Timestamp, UserId};
use sqlx::any::AnyRow;

/// What a link lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Make the first `super_admin`.
    Setup,
}

impl LinkPurpose {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        (text == "setup").then_some(Self::Setup)
    }
}

/// A link that still works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What for.
    pub purpose: LinkPurpose,
    /// For whom, if for somebody who has an account.
    pub user_id: Option<UserId>,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Store {
    /// The link with this token, if it is unused and not past its end. Looking doesn't use it up.
    pub async fn link(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Link>> {
        let row = sqlx::query(
            "SELECT purpose, user_id, expires_at FROM links
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(&token_hash[..])
        .bind(now.as_micros())
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(read_link).transpose()
    }
}

impl Tx {
    /// Adds a link.
    pub async fn insert_link(
        &mut self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        user_id: Option<&UserId>,
        expires_at: Timestamp,
    ) -> Result<()> {
        sqlx::query("INSERT INTO links (token_hash, purpose, user_id, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(&token_hash[..])
            .bind(purpose.as_str())
            .bind(user_id.map(UserId::as_str))
            .bind(expires_at.as_micros())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Uses a link up; `None`: there is no such link, or it was used, or it is past its end. One statement, so that
    /// of many who come at once one gets it.
    pub async fn consume_link(
        &mut self,
        token_hash: &[u8; 32],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<Link>> {
        let row = sqlx::query(
            "UPDATE links SET used_at = $3
             WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
             RETURNING purpose, user_id, expires_at",
        )
        .bind(&token_hash[..])
        .bind(purpose.as_str())
        .bind(now.as_micros())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read_link).transpose()
    }

    /// Deletes all links for a purpose, used ones too; how many.
    pub async fn delete_links(&mut self, purpose: LinkPurpose) -> Result<u64> {
        let done = sqlx::query("DELETE FROM links WHERE purpose = $1")
            .bind(purpose.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}

fn read_link(row: &AnyRow) -> Result<Link> {
    Ok(Link {
        purpose: row.word("purpose", LinkPurpose::parse)?,
        user_id: row.maybe_id("user_id")?,
        expires_at: row.time("expires_at")?,
    })
}
