//! Who somebody is at an issuer: issuer and subject, and nothing else, find an account.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::sso::Identity;
use model::{IdentityId, IdentityProviderId, Timestamp, UserId};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// What a sign-in notes on an identity.
#[derive(Clone, Debug)]
pub struct IdentitySeen<'a> {
    /// Through which provider.
    pub provider: &'a IdentityProviderId,
    /// The address, as claimed.
    pub email: Option<&'a str>,
    /// The claims, a JSON object of bounded size.
    pub claims: &'a str,
    /// When.
    pub at: Timestamp,
}

const SELECT: &str = "SELECT i.id, i.user_id, p.name AS provider, i.issuer, i.subject, i.email, i.created_at, i.last_sign_in_at
     FROM identities i LEFT JOIN identity_providers p ON p.id = i.provider_id";

impl Store {
    /// The identities of an account, the oldest first.
    pub async fn identities_of(&self, user: &UserId) -> Result<Vec<Identity>> {
        of_user(self.reader(), user).await
    }

    /// The identity with this issuer and subject.
    pub async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<Identity>> {
        named(self.reader(), issuer, subject).await
    }

    /// The claims of an identity's last sign-in, a JSON object.
    pub async fn claims_of(&self, id: &IdentityId) -> Result<Option<String>> {
        claims(self.reader(), id).await
    }
}

async fn claims<'c>(on: impl Executor<'c, Database = Any>, id: &IdentityId) -> Result<Option<String>> {
    let row = sqlx::query("SELECT claims FROM identities WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(on)
        .await?;
    row.map(|row| row.text("claims")).transpose()
}

async fn of_user<'c>(on: impl Executor<'c, Database = Any>, user: &UserId) -> Result<Vec<Identity>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE i.user_id = ").bind(user.as_str()).push(" ORDER BY i.created_at, i.id");
    sql.fetch_all(on).await?.iter().map(read_identity).collect()
}

async fn named<'c>(
    on: impl Executor<'c, Database = Any>,
    issuer: &str,
    subject: &str,
) -> Result<Option<Identity>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE i.issuer = ").bind(issuer).push(" AND i.subject = ").bind(subject);
    sql.fetch_all(on).await?.first().map(read_identity).transpose()
}

impl Tx {
    /// The identity with this issuer and subject, as this transaction sees it.
    pub async fn identity(&mut self, issuer: &str, subject: &str) -> Result<Option<Identity>> {
        named(self.connection(), issuer, subject).await
    }

    /// The identities of an account, as this transaction sees it.
    pub async fn identities_of(&mut self, user: &UserId) -> Result<Vec<Identity>> {
        of_user(self.connection(), user).await
    }

    /// The claims of an identity's last sign-in, as this transaction sees them.
    pub async fn claims_of(&mut self, id: &IdentityId) -> Result<Option<String>> {
        claims(self.connection(), id).await
    }

    /// The account with this e-mail address, compared folded, as this transaction sees it.
    pub async fn user_id_by_email(&mut self, email: &str) -> Result<Option<UserId>> {
        let row = sqlx::query("SELECT id FROM users WHERE email_folded = $1")
            .bind(text(&model::user::fold(email)))
            .fetch_optional(self.connection())
            .await?;
        row.map(|row| row.id("id")).transpose()
    }

    /// The version of this user's credentials, as this transaction sees it.
    pub async fn credential_version(&mut self, user: &UserId) -> Result<i64> {
        let row = sqlx::query("SELECT credential_version FROM users WHERE id = $1")
            .bind(user.as_str())
            .fetch_optional(self.connection())
            .await?;
        row.ok_or(Error::Conflict { what: "user" })?.number("credential_version")
    }

    /// Gives an account an identity. One that somebody has is the conflict `identity`.
    pub async fn insert_identity(
        &mut self,
        id: &IdentityId,
        user: &UserId,
        issuer: &str,
        subject: &str,
        seen: &IdentitySeen<'_>,
    ) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO identities (id, user_id, provider_id, issuer, subject, email, claims, created_at, last_sign_in_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
             ON CONFLICT (issuer, subject) DO NOTHING",
        )
        .bind(id.as_str())
        .bind(user.as_str())
        .bind(seen.provider.as_str())
        .bind(text(issuer))
        .bind(text(subject))
        .bind(seen.email.map(text))
        .bind(text(seen.claims))
        .bind(seen.at.as_micros())
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict { what: "identity" }) }
    }

    /// Notes a sign-in with an identity.
    pub async fn touch_identity(&mut self, id: &IdentityId, seen: &IdentitySeen<'_>) -> Result<()> {
        sqlx::query(
            "UPDATE identities SET provider_id = $2, email = $3, claims = $4, last_sign_in_at = $5 WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(seen.provider.as_str())
        .bind(seen.email.map(text))
        .bind(text(seen.claims))
        .bind(seen.at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes an identity from its account; `false`: it isn't there, or somebody else's.
    pub async fn delete_identity(&mut self, user: &UserId, id: &IdentityId) -> Result<bool> {
        let done = sqlx::query("DELETE FROM identities WHERE user_id = $1 AND id = $2")
            .bind(user.as_str())
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read_identity(row: &AnyRow) -> Result<Identity> {
    Ok(Identity {
        id: row.id("id")?,
        user_id: row.id("user_id")?,
        provider: row.maybe_id("provider")?,
        issuer: row.text("issuer")?,
        subject: row.text("subject")?,
        email: row.maybe_text("email")?,
        created_at: row.time("created_at")?,
        last_sign_in_at: row.maybe_time("last_sign_in_at")?,
    })
}
