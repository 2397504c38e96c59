//! Clients of the SCIM server. Secrets are stored hashed.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::keyset::{Keyset, SortValue, count};
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::page::SortDirection;
use model::scim::{ScimClient, ScimClientFilter};
use model::{Page, PageRequest, ScimClientId, Timestamp, Total, UserId};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// A SCIM client with the SHA-256 of its secret.
#[derive(Clone)]
pub struct StoredScimClient {
    /// The record.
    pub client: ScimClient,
    /// Of its secret.
    pub hash: [u8; 32],
}

impl std::fmt::Debug for StoredScimClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredScimClient").field("id", &self.client.id).finish_non_exhaustive()
    }
}

const SELECT: &str =
    "SELECT c.id, c.name, c.hash, c.adopt_existing, c.creator_id, c.created_by, c.created_at, c.last_used_at,
            c.revoked_at, c.revoked_by, c.revoke_reason
     FROM scim_clients c";

/// Revoked ones are hidden unless they are asked for.
const LIVE: &str = " WHERE c.revoked_at IS NULL";
const REVOKED: &str = " WHERE c.revoked_at IS NOT NULL";
const ALL: &str = " WHERE 1 = 1";

fn read_client(row: &AnyRow) -> Result<ScimClient> {
    Ok(ScimClient {
        id: row.id("id")?,
        name: row.text("name")?,
        adopt_existing: row.flag("adopt_existing")?,
        creator_id: row.maybe_id("creator_id")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        last_used_at: row.maybe_time("last_used_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
        revoked_by: row.maybe_text("revoked_by")?,
        revoke_reason: row.maybe_text("revoke_reason")?,
    })
}

async fn client_of<'c>(
    id: &ScimClientId,
    on: impl Executor<'c, Database = Any>,
) -> Result<Option<StoredScimClient>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" WHERE c.id = ").bind(id.as_str());
    let rows = sql.fetch_all(on).await?;
    let stored = |row| Ok(StoredScimClient { client: read_client(row)?, hash: row.hash("hash")? });
    rows.first().map(stored).transpose()
}

impl Store {
    /// The SCIM client with this id, whatever became of it.
    pub async fn scim_client(&self, id: &ScimClientId) -> Result<Option<StoredScimClient>> {
        client_of(id, self.reader()).await
    }

    /// The SCIM clients that somebody made and that aren't revoked, by id.
    pub async fn live_scim_clients_of(&self, user: &UserId) -> Result<Vec<ScimClient>> {
        let mut sql = Sql::new(SELECT);
        sql.push(LIVE).push(" AND c.creator_id = ").bind(user.as_str()).push(" ORDER BY c.id");
        sql.fetch_all(self.reader()).await?.iter().map(read_client).collect()
    }

    /// A page of the SCIM clients, newest first. `hidden` counts revoked ones that aren't asked for.
    pub async fn list_scim_clients(
        &self,
        filter: &ScimClientFilter,
        page: &PageRequest,
    ) -> Result<Page<ScimClient>> {
        let order = Keyset {
            column: "c.created_at",
            id: "c.id",
            numeric: true,
            direction: SortDirection::Descending,
            order: "-created_at".to_owned(),
        };
        let part = if filter.include_revoked { ALL } else { LIVE };
        let mut sql = Sql::new(SELECT);
        sql.push(part);
        order.push_after::<ScimClientId>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        let rows = sql.fetch_all(self.reader()).await?;
        let clients: Vec<ScimClient> = rows.iter().map(read_client).collect::<Result<_>>()?;
        let matching = async |part| {
            let mut sql = Sql::new("SELECT 1 FROM scim_clients c");
            sql.push(part);
            count(sql, self.reader()).await
        };
        let total = matching(part).await?;
        let hidden = if filter.include_revoked { Total::default() } else { matching(REVOKED).await? };
        let position =
            |client: &ScimClient| (SortValue::Int(client.created_at.as_micros()), client.id.to_string());
        order.page(clients, page, position, total, hidden)
    }

    /// Notes a call that a SCIM client authenticated.
    pub async fn touch_scim_client(&self, id: &ScimClientId, at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE scim_clients SET last_used_at = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(at.as_micros())
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

impl Tx {
    /// Adds a SCIM client and the hash of its secret.
    pub async fn insert_scim_client(&mut self, client: &ScimClient, hash: &[u8; 32]) -> Result<()> {
        sqlx::query(
            "INSERT INTO scim_clients (id, name, hash, adopt_existing, creator_id, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(client.id.as_str())
        .bind(text(&client.name))
        .bind(&hash[..])
        .bind(i64::from(client.adopt_existing))
        .bind(client.creator_id.as_ref().map(UserId::as_str))
        .bind(text(&client.created_by))
        .bind(client.created_at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The SCIM client with this id, as this transaction sees it.
    pub async fn scim_client(&mut self, id: &ScimClientId) -> Result<Option<ScimClient>> {
        Ok(client_of(id, self.connection()).await?.map(|stored| stored.client))
    }

    /// The SCIM clients that somebody made and that aren't revoked, by id.
    pub async fn live_scim_clients_of(&mut self, user: &UserId) -> Result<Vec<ScimClientId>> {
        let mut sql = Sql::new("SELECT id FROM scim_clients WHERE revoked_at IS NULL AND creator_id = ");
        sql.bind(user.as_str()).push(" ORDER BY id");
        sql.fetch_all(self.connection()).await?.iter().map(|row| row.id("id")).collect()
    }

    /// Takes a SCIM client's token back for good; `false`: it was revoked before, or is unknown.
    pub async fn revoke_scim_client(
        &mut self,
        id: &ScimClientId,
        at: Timestamp,
        by: &str,
        reason: &str,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE scim_clients SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
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
