//! Management keys: the Admin API's credentials. Secrets are stored hashed.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::management_key::{ManagementKey, ManagementKeyFilter};
use model::page::SortDirection;
use model::{ManagementKeyId, Page, PageRequest, TenantId, Timestamp, Total, UserId};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// A management key with the SHA-256 of its secret.
#[derive(Clone)]
pub struct StoredManagementKey {
    /// The record.
    pub key: ManagementKey,
    /// Of its secret.
    pub hash: [u8; 32],
}

impl std::fmt::Debug for StoredManagementKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredManagementKey").field("id", &self.key.id).finish_non_exhaustive()
    }
}

const SELECT: &str =
    "SELECT k.id, k.name, k.hash, k.permissions, k.tenant_id, k.creator_id, k.created_by, k.created_at,
       k.expires_at, k.last_used_at, k.revoked_at, k.revoked_by, k.revoke_reason
     FROM management_keys k";

fn read_key(row: &AnyRow) -> Result<ManagementKey> {
    Ok(ManagementKey {
        id: row.id("id")?,
        name: row.text("name")?,
        permissions: row.json("permissions")?,
        tenant_id: row.maybe_id("tenant_id")?,
        creator_id: row.maybe_id("creator_id")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.maybe_time("expires_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
        revoked_by: row.maybe_text("revoked_by")?,
        revoke_reason: row.maybe_text("revoke_reason")?,
    })
}

async fn key_of<'c>(
    id: &ManagementKeyId,
    on: impl Executor<'c, Database = Any>,
) -> Result<Option<StoredManagementKey>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE k.id = ").bind(id.as_str());
    let rows = sql.fetch_all(on).await?;
    let stored = |row| Ok(StoredManagementKey { key: read_key(row)?, hash: row.hash("hash")? });
    rows.first().map(stored).transpose()
}

impl Store {
    /// The management key with this id, whatever became of it.
    pub async fn management_key(&self, id: &ManagementKeyId) -> Result<Option<StoredManagementKey>> {
        key_of(id, self.reader()).await
    }

    /// A page of the management keys that match, newest first. `hidden` counts revoked ones that would match too.
    pub async fn list_management_keys(
        &self,
        filter: &ManagementKeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ManagementKey>> {
        let order = Keyset {
            column: "k.created_at",
            id: "k.id",
            numeric: true,
            direction: SortDirection::Descending,
            order: "-created_at".to_owned(),
        };
        let mut sql = Sql::new(SELECT);
        push_conditions(&mut sql, filter, filter.include_revoked.then_some(" WHERE 1 = 1"));
        order.push_after::<ManagementKeyId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let rows = sql.fetch_all(self.reader()).await?;
        let keys: Vec<ManagementKey> = rows.iter().map(read_key).collect::<Result<_>>()?;
        let matching = async |part| {
            let mut sql = Sql::new("SELECT 1 FROM management_keys k");
            push_conditions(&mut sql, filter, part);
            count(sql, self.reader()).await
        };
        let total = matching(filter.include_revoked.then_some(" WHERE 1 = 1")).await?;
        let hidden = if filter.include_revoked {
            Total::default()
        } else {
            matching(Some(" WHERE k.revoked_at IS NOT NULL")).await?
        };
        let position = |key: &ManagementKey| (SortValue::Int(key.created_at.as_micros()), key.id.to_string());
        order.page(keys, page, position, total, hidden)
    }

    /// Notes a call that a management key authenticated.
    pub async fn touch_management_key(&self, id: &ManagementKeyId, at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE management_keys SET last_used_at = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(at.as_micros())
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

/// `part`: which of them; those that aren't revoked when nothing is said.
fn push_conditions(sql: &mut Sql, filter: &ManagementKeyFilter, part: Option<&'static str>) {
    sql.push(part.unwrap_or(" WHERE k.revoked_at IS NULL"));
    if let Some(creator) = &filter.creator_id {
        sql.push(" AND k.creator_id = ").bind(creator.as_str());
    }
    if let Some(tenant) = &filter.tenant_id {
        sql.push(" AND k.tenant_id = ").bind(tenant.as_str());
    }
}

impl Tx {
    /// Adds a management key and the hash of its secret.
    pub async fn insert_management_key(&mut self, key: &ManagementKey, hash: &[u8; 32]) -> Result<()> {
        sqlx::query(
            "INSERT INTO management_keys (id, name, hash, permissions, tenant_id, creator_id, created_by, created_at,
                                          expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(key.id.as_str())
        .bind(text(&key.name))
        .bind(&hash[..])
        .bind(to_json(&key.permissions, "permissions")?)
        .bind(key.tenant_id.as_ref().map(TenantId::as_str))
        .bind(key.creator_id.as_ref().map(UserId::as_str))
        .bind(text(&key.created_by))
        .bind(key.created_at.as_micros())
        .bind(key.expires_at.map(Timestamp::as_micros))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The management key with this id, as this transaction sees it.
    pub async fn management_key(&mut self, id: &ManagementKeyId) -> Result<Option<ManagementKey>> {
        Ok(key_of(id, self.connection()).await?.map(|stored| stored.key))
    }

    /// The management keys that somebody made and that aren't revoked, by id.
    pub async fn unrevoked_management_keys_of(&mut self, user: &UserId) -> Result<Vec<ManagementKeyId>> {
        let mut sql = Sql::new("SELECT id FROM management_keys WHERE revoked_at IS NULL AND creator_id = ");
        sql.bind(user.as_str()).push(" ORDER BY id");
        sql.fetch_all(self.connection()).await?.iter().map(|row| row.id("id")).collect()
    }

    /// Takes a management key back for good; `false`: it was revoked before, or is unknown.
    pub async fn revoke_management_key(
        &mut self,
        id: &ManagementKeyId,
        at: Timestamp,
        by: &str,
        reason: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE management_keys SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
             WHERE id = $1 AND revoked_at IS NULL",
        )
        .bind(id.as_str())
        .bind(at.as_micros())
        .bind(text(by))
        .bind(text(reason))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
