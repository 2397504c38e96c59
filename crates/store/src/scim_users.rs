//! What SCIM clients said of accounts. Each client sees its own only.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, stored, text};
use model::user::{UserSource, UserStatus, fold};
use model::{ScimClientId, Timestamp, UserId};
use serde_json::{Map, Value};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// What a client said of an account, and whether the account is Active.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimUser {
    /// Of whom.
    pub user_id: UserId,
    /// By whom it is provisioned.
    pub client_id: ScimClientId,
    /// The client's own id.
    pub external_id: Option<String>,
    /// `userName`; compared folded.
    pub user_name: String,
    /// All that was said.
    pub attributes: Map<String, Value>,
    /// Grows with each change.
    pub version: i64,
    /// When the client provisioned it first.
    pub created_at: Timestamp,
    /// When the client last changed something.
    pub updated_at: Timestamp,
    /// The account's status; only read.
    pub status: UserStatus,
}

/// Who provisions an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioner {
    /// Which client.
    pub client_id: ScimClientId,
    /// Whether the client's token still works.
    pub is_live: bool,
    /// Whether the client has deleted the account.
    pub has_deleted: bool,
}

/// Which accounts of a client are meant, as far as an index can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScimUserKey {
    /// With this `userName`, compared folded.
    pub user_name: Option<String>,
    /// With this `externalId`.
    pub external_id: Option<String>,
    /// With this id.
    pub id: Option<String>,
}

const SELECT: &str =
    "SELECT s.user_id, s.client_id, s.external_id, s.attributes, s.version, s.created_at, s.updated_at, u.status
     FROM scim_users s JOIN users u ON u.id = s.user_id WHERE s.deleted_at IS NULL AND s.client_id = ";

fn read_user(row: &AnyRow) -> Result<ScimUser> {
    let attributes: Map<String, Value> = row.json("attributes")?;
    let user_name = attributes.get("userName").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(ScimUser {
        user_id: row.id("user_id")?,
        client_id: row.id("client_id")?,
        external_id: row.maybe_text("external_id")?,
        user_name,
        attributes,
        version: row.get("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        status: row.word("status", UserStatus::parse)?,
    })
}

async fn user_of<'c>(
    client: &ScimClientId,
    id: &UserId,
    on: impl Executor<'c, Database = Any>,
) -> Result<Option<ScimUser>> {
    let mut sql = Sql::new(SELECT);
    sql.bind(client.as_str()).push(" AND s.user_id = ").bind(id.as_str());
    sql.fetch_all(on).await?.first().map(read_user).transpose()
}

fn push_key(sql: &mut Sql, key: &ScimUserKey) {
    if let Some(name) = &key.user_name {
        sql.push(" AND s.user_name_folded = ").bind(fold(name).as_str());
    }
    if let Some(external_id) = &key.external_id {
        sql.push(" AND s.external_id = ").bind(external_id.as_str());
    }
    if let Some(id) = &key.id {
        sql.push(" AND s.user_id = ").bind(id.as_str());
    }
}

impl Store {
    /// An account that this client provisions.
    pub async fn scim_user(&self, client: &ScimClientId, id: &UserId) -> Result<Option<ScimUser>> {
        user_of(client, id, self.reader()).await
    }

    /// The accounts that this client provisions, by age. `window`: how many to pass over, and how many at most.
    pub async fn scim_users(
        &self,
        client: &ScimClientId,
        key: &ScimUserKey,
        window: Option<(u64, u64)>,
    ) -> Result<Vec<ScimUser>> {
        let mut sql = Sql::new(SELECT);
        sql.bind(client.as_str());
        push_key(&mut sql, key);
        sql.push(" ORDER BY s.created_at, s.user_id");
        if let Some((skip, most)) = window {
            sql.push(" LIMIT ").bind(stored(most)).push(" OFFSET ").bind(stored(skip));
        }
        sql.fetch_all(self.reader()).await?.iter().map(read_user).collect()
    }

    /// How many accounts this client provisions.
    pub async fn count_scim_users(&self, client: &ScimClientId) -> Result<u64> {
        let mut sql =
            Sql::new("SELECT COUNT(*) AS found FROM scim_users WHERE deleted_at IS NULL AND client_id = ");
        sql.bind(client.as_str());
        sql.fetch_one(self.reader()).await?.number("found")
    }
}

impl Tx {
    /// An account that this client provisions, as this transaction sees it.
    pub async fn scim_user(&mut self, client: &ScimClientId, id: &UserId) -> Result<Option<ScimUser>> {
        user_of(client, id, self.connection()).await
    }

    /// Another account of this client that has this `userName`.
    pub async fn scim_user_named(
        &mut self,
        client: &ScimClientId,
        name: &str,
        but: Option<&UserId>,
    ) -> Result<Option<UserId>> {
        let mut sql = Sql::new("SELECT user_id FROM scim_users WHERE deleted_at IS NULL AND client_id = ");
        sql.bind(client.as_str()).push(" AND user_name_folded = ").bind(fold(name).as_str());
        self.another(sql, but).await
    }

    /// Another account of this client that has this `externalId`.
    pub async fn scim_user_outside(
        &mut self,
        client: &ScimClientId,
        external_id: &str,
        but: Option<&UserId>,
    ) -> Result<Option<UserId>> {
        let mut sql = Sql::new("SELECT user_id FROM scim_users WHERE deleted_at IS NULL AND client_id = ");
        sql.bind(client.as_str()).push(" AND external_id = ").bind(external_id);
        self.another(sql, but).await
    }

    async fn another(&mut self, mut sql: Sql, but: Option<&UserId>) -> Result<Option<UserId>> {
        if let Some(but) = but {
            sql.push(" AND user_id <> ").bind(but.as_str());
        }
        sql.fetch_all(self.connection()).await?.first().map(|row| row.id("user_id")).transpose()
    }

    /// Who provisions an account, or did.
    pub async fn provisioner_of(&mut self, id: &UserId) -> Result<Option<Provisioner>> {
        let mut sql = Sql::new(
            "SELECT s.client_id, CASE WHEN c.revoked_at IS NULL THEN 1 ELSE 0 END AS live,
                    CASE WHEN s.deleted_at IS NULL THEN 0 ELSE 1 END AS deleted
             FROM scim_users s JOIN scim_clients c ON c.id = s.client_id WHERE s.user_id = ",
        );
        sql.bind(id.as_str());
        let rows = sql.fetch_all(self.connection()).await?;
        rows.first()
            .map(|row| {
                Ok(Provisioner {
                    client_id: row.id("client_id")?,
                    is_live: row.flag("live")?,
                    has_deleted: row.flag("deleted")?,
                })
            })
            .transpose()
    }

    /// Writes what a client says of an account, whatever was said before and by whom. The status is not written.
    pub async fn save_scim_user(&mut self, user: &ScimUser) -> Result<()> {
        sqlx::query(
            "INSERT INTO scim_users (user_id, client_id, external_id, user_name_folded, attributes, version,
                                     created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (user_id) DO UPDATE SET client_id = excluded.client_id,
               external_id = excluded.external_id, user_name_folded = excluded.user_name_folded,
               attributes = excluded.attributes, version = excluded.version, created_at = excluded.created_at,
               updated_at = excluded.updated_at, deleted_at = NULL",
        )
        .bind(user.user_id.as_str())
        .bind(user.client_id.as_str())
        .bind(user.external_id.as_deref().map(text))
        .bind(text(&fold(&user.user_name)))
        .bind(to_json(&user.attributes, "attributes")?)
        .bind(user.version)
        .bind(user.created_at.as_micros())
        .bind(user.updated_at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Notes that a client has deleted an account: it is in none of its groups and lists any more.
    pub async fn forget_scim_user(&mut self, id: &UserId, at: Timestamp) -> Result<()> {
        sqlx::query("UPDATE scim_users SET deleted_at = $2 WHERE user_id = $1")
            .bind(id.as_str())
            .bind(at.as_micros())
            .execute(self.connection())
            .await?;
        sqlx::query("DELETE FROM scim_group_members WHERE user_id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Notes where an account comes from.
    pub async fn set_user_source(&mut self, id: &UserId, source: UserSource) -> Result<()> {
        sqlx::query("UPDATE users SET source = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(source.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
