//! One-time links. Tokens are stored hashed; a link works once, until its end.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use model::{ManagementKeyId, Timestamp, UserId};
use sqlx::any::AnyRow;

/// What a link lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Make the first `super_admin`.
    Setup,
    /// Set the first password of an account.
    Invite,
    /// Set a new password of an account.
    Reset,
}

impl LinkPurpose {
    const ALL: [Self; 3] = [Self::Setup, Self::Invite, Self::Reset];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// A link that still works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What for.
    pub purpose: LinkPurpose,
    /// For whom, if for somebody who has an account.
    pub user_id: Option<UserId>,
    /// Whose rights bound it; `None`: the installation's own hand made it.
    pub created_by: Option<UserId>,
    /// The management key that it was made with, if it was: what that may do bounds it as well.
    pub management_key_id: Option<ManagementKeyId>,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Store {
    /// The link with this token, if it is unused and not past its end. Looking doesn't use it up.
    pub async fn link(&self, token_hash: &[u8; 32], now: Timestamp) -> Result<Option<Link>> {
        let row = sqlx::query(
            "SELECT purpose, user_id, created_by, management_key_id, expires_at FROM links
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(&token_hash[..])
        .bind(now.as_micros())
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(read_link).transpose()
    }

    /// How many links for somebody still work.
    pub async fn count_open_links(&self, user: &UserId, now: Timestamp) -> Result<u64> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS found FROM links WHERE user_id = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(user.as_str())
        .bind(now.as_micros())
        .fetch_one(self.reader())
        .await?;
        row.number("found")
    }
}

impl Tx {
    /// Adds a link.
    pub async fn insert_link(&mut self, token_hash: &[u8; 32], link: &Link) -> Result<()> {
        sqlx::query(
            "INSERT INTO links (token_hash, purpose, user_id, created_by, management_key_id, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&token_hash[..])
        .bind(link.purpose.as_str())
        .bind(link.user_id.as_ref().map(UserId::as_str))
        .bind(link.created_by.as_ref().map(UserId::as_str))
        .bind(link.management_key_id.as_ref().map(ManagementKeyId::as_str))
        .bind(link.expires_at.as_micros())
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
             RETURNING purpose, user_id, created_by, management_key_id, expires_at",
        )
        .bind(&token_hash[..])
        .bind(purpose.as_str())
        .bind(now.as_micros())
        .fetch_optional(self.connection())
        .await?;
        row.as_ref().map(read_link).transpose()
    }

    /// Deletes the links for somebody that weren't used; how many.
    pub async fn delete_links_of(&mut self, user: &UserId) -> Result<u64> {
        let done = sqlx::query("DELETE FROM links WHERE user_id = $1 AND used_at IS NULL")
            .bind(user.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
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
        created_by: row.maybe_id("created_by")?,
        management_key_id: row.maybe_id("management_key_id")?,
        expires_at: row.time("expires_at")?,
    })
}
