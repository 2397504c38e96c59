//! The role mapping, and what it decided about whom.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::text;
use model::mapping::{Managed, RoleMapping};
use model::role::NewAssignment;
use model::{TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// What the mapping gave an account, and would take back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedGrants {
    /// Tenants that it made them a member of; those where they were before aren't in it.
    pub tenants: Vec<TenantId>,
    /// Roles in tenants that they didn't have before.
    pub assignments: Vec<NewAssignment>,
}

const SELECT: &str = "SELECT mapping FROM role_mapping WHERE id = 1";
const MANAGED: &str =
    "SELECT source, decided_by, granted, decided_at FROM mapped_accounts WHERE user_id = $1";

async fn mapping<'c>(on: impl Executor<'c, Database = Any>) -> Result<RoleMapping> {
    let row = sqlx::query(SELECT).fetch_optional(on).await?;
    row.as_ref().map_or(Ok(RoleMapping::default()), |row| row.json("mapping"))
}

fn read_managed(row: &AnyRow) -> Result<Managed> {
    Ok(Managed {
        source: row.text("source")?,
        decided_by: row.json("decided_by")?,
        at: row.time("decided_at")?,
    })
}

impl Store {
    /// The role mapping; without rules until there is one.
    pub async fn role_mapping(&self) -> Result<RoleMapping> {
        mapping(self.reader()).await
    }

    /// What the mapping decided about an account the last time, if it did.
    pub async fn managed(&self, user: &UserId) -> Result<Option<Managed>> {
        let row = sqlx::query(MANAGED).bind(user.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read_managed).transpose()
    }
}

impl Tx {
    /// The role mapping, as this transaction sees it.
    pub async fn role_mapping(&mut self) -> Result<RoleMapping> {
        mapping(self.connection()).await
    }

    /// Replaces the role mapping.
    pub async fn set_role_mapping(&mut self, mapping: &RoleMapping, at: Timestamp, by: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO role_mapping (id, mapping, changed_at, changed_by) VALUES (1, $1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET mapping = excluded.mapping, changed_at = excluded.changed_at,
               changed_by = excluded.changed_by",
        )
        .bind(to_json(mapping, "mapping")?)
        .bind(at.as_micros())
        .bind(text(by))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What the mapping decided about an account the last time, as this transaction sees it.
    pub async fn managed(&mut self, user: &UserId) -> Result<Option<Managed>> {
        let row = sqlx::query(MANAGED).bind(user.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(read_managed).transpose()
    }

    /// What the mapping gave an account the last time.
    pub async fn mapped_grants(&mut self, user: &UserId) -> Result<MappedGrants> {
        let row = sqlx::query(MANAGED).bind(user.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map_or(Ok(MappedGrants::default()), |row| row.json("granted"))
    }

    /// Notes what the mapping decided about an account.
    pub async fn set_managed(
        &mut self,
        user: &UserId,
        managed: &Managed,
        granted: &MappedGrants,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO mapped_accounts (user_id, source, decided_by, granted, decided_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id) DO UPDATE SET source = excluded.source, decided_by = excluded.decided_by,
               granted = excluded.granted, decided_at = excluded.decided_at",
        )
        .bind(user.as_str())
        .bind(text(&managed.source))
        .bind(to_json(&managed.decided_by, "decided_by")?)
        .bind(to_json(granted, "granted")?)
        .bind(managed.at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Forgets it: the account's roles are given by hand again.
    pub async fn clear_managed(&mut self, user: &UserId) -> Result<()> {
        sqlx::query("DELETE FROM mapped_accounts WHERE user_id = $1")
            .bind(user.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
