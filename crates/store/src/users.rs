//! Users: single look-ups and changes. Lists are in `user_list`.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::text;
use model::role::{Assignment, PermissionSet, Rights, RoleName};
use model::user::{User, UserSource, UserStatus, fold};
use model::{TenantId, Timestamp, UserId};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// What a sign-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Whose.
    pub user_id: UserId,
    /// Whether the account can sign in at all.
    pub status: UserStatus,
    /// Argon2 hash; `None`: no password was ever set.
    pub password_hash: Option<String>,
    /// Grows with each change of the password.
    pub version: i64,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// `SELECT` of a whole user, from `users u`.
pub(crate) const SELECT_USER: &str = "SELECT u.id, u.name, u.email, u.role,
       u.organization_unit, u.status, u.source, u.created_at, u.last_sign_in_at,
       (SELECT STRING_AGG(m.tenant_id, ',') FROM memberships m WHERE m.user_id = u.id) AS tenant_ids,
       (SELECT STRING_AGG(a.tenant_id || ' ' || a.role, ',') FROM role_assignments a WHERE a.user_id = u.id)
         AS assignments,
       CASE WHEN EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id) THEN 1 ELSE 0 END AS second_factor
     FROM users u";

pub(crate) fn read_user(row: &AnyRow) -> Result<User> {
    // Neither slugs nor roles' names hold commas or spaces.
    let mut tenant_ids = entries(row, "tenant_ids", ',', |slug| slug.parse::<TenantId>().ok())?;
    tenant_ids.sort();
    let mut assignments = entries(row, "assignments", ',', |pair| {
        let (tenant, role) = pair.split_once(' ')?;
        Some(Assignment { tenant_id: Some(tenant.parse().ok()?), role: role.parse().ok()? })
    })?;
    assignments.sort();
    Ok(User {
        id: row.id("id")?,
        name: row.text("name")?,
        email: row.text("email")?,
        role: row.id("role")?,
        organization_unit: row.maybe_text("organization_unit")?,
        status: row.word("status", UserStatus::parse)?,
        source: row.word("source", UserSource::parse)?,
        second_factor: row.flag("second_factor")?,
        created_at: row.time("created_at")?,
        last_sign_in_at: row.maybe_time("last_sign_in_at")?,
        tenant_ids,
        assignments,
    })
}

/// What stands in a column that gathers many rows.
fn entries<T>(
    row: &AnyRow,
    column: &'static str,
    separator: char,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>> {
    let text = row.maybe_text(column)?.unwrap_or_default();
    let parts = text.split(separator).filter(|part| !part.is_empty());
    parts.map(|part| parse(part).ok_or(Error::Corrupt { what: column })).collect()
}

/// An account, and all that decides what it may do, at one moment.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The account.
    pub user: User,
    /// The version of its credentials.
    pub credential_version: i64,
    /// The permissions of the custom roles that it has.
    pub custom: BTreeMap<RoleName, PermissionSet>,
}

impl Standing {
    /// What it may do.
    pub fn rights(&self) -> Rights {
        Rights::resolve(&self.user.role, &self.user.assignments, &self.custom)
    }
}

/// As [`SELECT_USER`], with what [`Standing`] has beside it.
const SELECT_STANDING: &str = "SELECT s.*, u.credential_version,
       (SELECT STRING_AGG(r.name || ' ' || r.permissions, ';') FROM roles r
         WHERE r.name = u.role OR r.name IN (SELECT a.role FROM role_assignments a WHERE a.user_id = u.id)) AS custom
     FROM users u JOIN (";

impl Store {
    /// The account with this id and all that decides what it may do, in one statement.
    pub async fn standing(&self, id: &UserId) -> Result<Option<Standing>> {
        let statement = format!("{SELECT_STANDING}{SELECT_USER} WHERE u.id = $1) s ON s.id = u.id");
        let row = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| {
            // A role's name holds no space, and a list of permissions no semicolon.
            let custom = entries(&row, "custom", ';', |pair| {
                let (name, permissions) = pair.split_once(' ')?;
                Some((name.parse().ok()?, serde_json::from_str(permissions).ok()?))
            })?;
            Ok(Standing {
                user: read_user(&row)?,
                credential_version: row.number("credential_version")?,
                custom: custom.into_iter().collect(),
            })
        })
        .transpose()
    }

    /// The user with this id.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>> {
        let statement = sqlx::AssertSqlSafe(format!("{SELECT_USER} WHERE u.id = $1"));
        let row = sqlx::query(statement).bind(id.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_user).transpose()
    }

    /// The user with this e-mail address, compared folded.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        let statement = sqlx::AssertSqlSafe(format!("{SELECT_USER} WHERE u.email_folded = $1"));
        let row = sqlx::query(statement).bind(text(&fold(email))).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_user).transpose()
    }

    /// The version of this user's credentials; `None`: no such user.
    pub async fn credential_version(&self, id: &UserId) -> Result<Option<i64>> {
        let row = sqlx::query("SELECT credential_version FROM users WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.number("credential_version")).transpose()
    }

    /// What a sign-in with this e-mail address is checked against, compared folded.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>> {
        let row = sqlx::query(
            "SELECT id, status, password_hash, credential_version FROM users WHERE email_folded = $1",
        )
        .bind(text(&fold(email)))
        .fetch_optional(self.reader())
        .await?;
        row.map(|row| {
            Ok(Credentials {
                user_id: row.id("id")?,
                status: row.word("status", UserStatus::parse)?,
                password_hash: row.maybe_text("password_hash")?,
                version: row.number("credential_version")?,
            })
        })
        .transpose()
    }

    /// The user's password hash; `None`: no such user, or no password.
    pub async fn password_hash(&self, id: &UserId) -> Result<Option<String>> {
        let row = sqlx::query("SELECT password_hash FROM users WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.map_or(Ok(None), |row| row.maybe_text("password_hash"))
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<u64> {
        self.counter("users").await
    }

    /// A total kept by the transactions.
    pub(crate) async fn counter(&self, name: &'static str) -> Result<u64> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = $1")
            .bind(name)
            .fetch_one(self.reader())
            .await?;
        row.number("value")
    }
}

impl Tx {
    /// Adds a user and their memberships. A taken e-mail address is the conflict `email`.
    pub async fn insert_user(&mut self, user: &User, password_hash: Option<&str>) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO users (id, name, name_folded, email, email_folded, password_hash, role,
                                organization_unit, status, source, created_at, last_sign_in_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (email_folded) DO NOTHING",
        )
        .bind(user.id.as_str())
        .bind(text(&user.name))
        .bind(text(&fold(&user.name)))
        .bind(text(&user.email))
        .bind(text(&fold(&user.email)))
        .bind(password_hash)
        .bind(user.role.as_str())
        .bind(user.organization_unit.as_deref().map(text))
        .bind(user.status.as_str())
        .bind(user.source.as_str())
        .bind(user.created_at.as_micros())
        .bind(user.last_sign_in_at.map(Timestamp::as_micros))
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict { what: "email" });
        }
        self.totals.users += 1;
        for tenant in &user.tenant_ids {
            self.add_member(&user.id, tenant, user.created_at).await?;
        }
        for Assignment { tenant_id, role } in &user.assignments {
            if let Some(tenant) = tenant_id {
                self.add_assignment(&user.id, tenant, role, user.created_at).await?;
            }
        }
        Ok(())
    }

    /// Sets a user's password hash; the new version of their credentials.
    pub async fn set_password(&mut self, user: &UserId, hash: &str) -> Result<i64> {
        let row = sqlx::query(
            "UPDATE users SET password_hash = $2, credential_version = credential_version + 1
             WHERE id = $1 RETURNING credential_version",
        )
        .bind(user.as_str())
        .bind(hash)
        .fetch_optional(self.connection())
        .await?;
        row.ok_or(Error::Conflict { what: "user" })?.number("credential_version")
    }

    /// Makes everything that was begun with a user's present credentials worth nothing: sessions, and sign-ins under way. The
    /// new version.
    pub async fn outdate_credentials(&mut self, user: &UserId) -> Result<i64> {
        let row = sqlx::query(
            "UPDATE users SET credential_version = credential_version + 1 WHERE id = $1
             RETURNING credential_version",
        )
        .bind(user.as_str())
        .fetch_optional(self.connection())
        .await?;
        row.ok_or(Error::Conflict { what: "user" })?.number("credential_version")
    }

    /// Whether the account is Active and has its credentials of this version. Stays true until this transaction ends: no
    /// other runs.
    pub async fn has_credentials(&mut self, user: &UserId, version: i64) -> Result<bool> {
        let row = sqlx::query(
            "SELECT 1 FROM users WHERE id = $1 AND credential_version = $2 AND status = 'active'",
        )
        .bind(user.as_str())
        .bind(version)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    /// Notes a sign-in.
    pub async fn set_last_sign_in(&mut self, user: &UserId, at: Timestamp) -> Result<()> {
        let done = sqlx::query("UPDATE users SET last_sign_in_at = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(at.as_micros())
            .execute(self.connection())
            .await?;
        one_user(done.rows_affected())
    }

    /// The user with this id, as this transaction sees it. Stays true until it ends: no other runs.
    pub async fn user(&mut self, id: &UserId) -> Result<Option<User>> {
        let statement = sqlx::AssertSqlSafe(format!("{SELECT_USER} WHERE u.id = $1"));
        let row = sqlx::query(statement).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(read_user).transpose()
    }

    /// Writes what can change of an account: name, e-mail address, organization unit and status. A taken e-mail address is
    /// the conflict `email`.
    pub async fn update_user(&mut self, user: &User) -> Result<()> {
        let email = fold(&user.email);
        // An UPDATE knows no ON CONFLICT, and a failed one would end a PostgreSQL transaction.
        let taken = sqlx::query("SELECT id FROM users WHERE email_folded = $1 AND id <> $2")
            .bind(text(&email))
            .bind(user.id.as_str())
            .fetch_optional(self.connection())
            .await?;
        if taken.is_some() {
            return Err(Error::Conflict { what: "email" });
        }
        let done = sqlx::query(
            "UPDATE users SET name = $2, name_folded = $3, email = $4, email_folded = $5, organization_unit = $6,
                              status = $7
             WHERE id = $1",
        )
        .bind(user.id.as_str())
        .bind(text(&user.name))
        .bind(text(&fold(&user.name)))
        .bind(text(&user.email))
        .bind(text(&email))
        .bind(user.organization_unit.as_deref().map(text))
        .bind(user.status.as_str())
        .execute(self.connection())
        .await?;
        one_user(done.rows_affected())?;
        self.mark_keys(&user.id, user.status).await
    }

    /// Sets whether an account is Active.
    pub async fn set_user_status(&mut self, user: &UserId, status: UserStatus) -> Result<()> {
        let done = sqlx::query("UPDATE users SET status = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(status.as_str())
            .execute(self.connection())
            .await?;
        one_user(done.rows_affected())?;
        self.mark_keys(user, status).await
    }

    /// The keys of Inactive owners have indexes of their own.
    async fn mark_keys(&mut self, owner: &UserId, status: UserStatus) -> Result<()> {
        sqlx::query("UPDATE api_keys SET owner_inactive = $2 WHERE owner_id = $1 AND owner_inactive <> $2")
            .bind(owner.as_str())
            .bind(i64::from(status == UserStatus::Inactive))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Gives a user another global role.
    pub async fn set_user_role(&mut self, user: &UserId, role: &RoleName) -> Result<()> {
        let done = sqlx::query("UPDATE users SET role = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(role.as_str())
            .execute(self.connection())
            .await?;
        one_user(done.rows_affected())
    }

    /// How many Active users are `super_admin`. Stays true until this transaction ends: no other runs.
    pub async fn count_active_super_admins(&mut self) -> Result<u64> {
        // The second condition is that of the index.
        let row = sqlx::query(
            "SELECT COUNT(*) AS found FROM users
             WHERE role = 'super_admin' AND role <> 'user' AND status = 'active'",
        )
        .fetch_one(self.connection())
        .await?;
        row.number("found")
    }
}

fn one_user(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::Conflict { what: "user" }) }
}
