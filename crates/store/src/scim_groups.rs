//! Groups that SCIM clients provisioned, and who is in them.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::{Sql, Value, stored, text};
use model::user::fold;
use model::{ScimClientId, ScimGroupId, Timestamp, UserId};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};
use std::collections::BTreeMap;

/// Ids in one statement.
const CHUNK: usize = 500;

/// A group, without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimGroup {
    /// Our own id of it.
    pub id: ScimGroupId,
    /// By whom it is provisioned.
    pub client_id: ScimClientId,
    /// Its name; compared folded.
    pub display_name: String,
    /// The client's own id.
    pub external_id: Option<String>,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which groups of a client are meant, as far as an index can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScimGroupKey {
    /// With this `displayName`, compared folded.
    pub display_name: Option<String>,
    /// With this `externalId`.
    pub external_id: Option<String>,
    /// With this id.
    pub id: Option<String>,
}

/// The groups of each of many accounts: id and name.
pub type GroupsOfUsers = BTreeMap<UserId, Vec<(ScimGroupId, String)>>;

const SELECT: &str =
    "SELECT g.id, g.client_id, g.display_name, g.external_id, g.version, g.created_at, g.updated_at
     FROM scim_groups g WHERE g.client_id = ";

fn read_group(row: &AnyRow) -> Result<ScimGroup> {
    Ok(ScimGroup {
        id: row.id("id")?,
        client_id: row.id("client_id")?,
        display_name: row.text("display_name")?,
        external_id: row.maybe_text("external_id")?,
        version: row.get("version")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

async fn group_of<'c>(
    client: &ScimClientId,
    id: &ScimGroupId,
    on: impl Executor<'c, Database = Any>,
) -> Result<Option<ScimGroup>> {
    let mut sql = Sql::new(SELECT);
    sql.bind(client.as_str()).push(" AND g.id = ").bind(id.as_str());
    sql.fetch_all(on).await?.first().map(read_group).transpose()
}

/// Who is in a group, by id.
async fn members_of<'c>(group: &ScimGroupId, on: impl Executor<'c, Database = Any>) -> Result<Vec<UserId>> {
    let mut sql = Sql::new("SELECT user_id FROM scim_group_members WHERE group_id = ");
    sql.bind(group.as_str()).push(" ORDER BY user_id");
    sql.fetch_all(on).await?.iter().map(|row| row.id("user_id")).collect()
}

fn groups_of_users<'a>(users: impl IntoIterator<Item = &'a UserId>) -> Sql {
    let mut sql = Sql::new(
        "SELECT m.user_id, g.id, g.display_name FROM scim_group_members m JOIN scim_groups g ON g.id = m.group_id
         WHERE m.user_id IN (",
    );
    sql.list(users.into_iter().map(UserId::as_str)).push(") ORDER BY m.user_id, g.display_name_folded, g.id");
    sql
}

fn collect(rows: &[AnyRow], into: &mut GroupsOfUsers) -> Result<()> {
    for row in rows {
        let group = (row.id("id")?, row.text("display_name")?);
        into.entry(row.id("user_id")?).or_default().push(group);
    }
    Ok(())
}

impl Store {
    /// A group of this client.
    pub async fn scim_group(&self, client: &ScimClientId, id: &ScimGroupId) -> Result<Option<ScimGroup>> {
        group_of(client, id, self.reader()).await
    }

    /// Who is in a group, by id.
    pub async fn scim_group_members(&self, group: &ScimGroupId) -> Result<Vec<UserId>> {
        members_of(group, self.reader()).await
    }

    /// The groups of this client, by age. `window`: how many to pass over, and how many at most.
    pub async fn scim_groups(
        &self,
        client: &ScimClientId,
        key: &ScimGroupKey,
        window: Option<(u64, u64)>,
    ) -> Result<Vec<ScimGroup>> {
        let mut sql = Sql::new(SELECT);
        sql.bind(client.as_str());
        if let Some(name) = &key.display_name {
            sql.push(" AND g.display_name_folded = ").bind(fold(name).as_str());
        }
        if let Some(external_id) = &key.external_id {
            sql.push(" AND g.external_id = ").bind(external_id.as_str());
        }
        if let Some(id) = &key.id {
            sql.push(" AND g.id = ").bind(id.as_str());
        }
        sql.push(" ORDER BY g.created_at, g.id");
        if let Some((skip, most)) = window {
            sql.push(" LIMIT ").bind(stored(most)).push(" OFFSET ").bind(stored(skip));
        }
        sql.fetch_all(self.reader()).await?.iter().map(read_group).collect()
    }

    /// How many groups this client has.
    pub async fn count_scim_groups(&self, client: &ScimClientId) -> Result<u64> {
        let mut sql = Sql::new("SELECT COUNT(*) AS found FROM scim_groups WHERE client_id = ");
        sql.bind(client.as_str());
        sql.fetch_one(self.reader()).await?.number("found")
    }

    /// The groups of each of these accounts, by name; accounts in no group aren't in it.
    pub async fn scim_groups_of(&self, users: &[UserId]) -> Result<GroupsOfUsers> {
        let mut groups = GroupsOfUsers::new();
        for chunk in users.chunks(CHUNK) {
            collect(&groups_of_users(chunk).fetch_all(self.reader()).await?, &mut groups)?;
        }
        Ok(groups)
    }
}

impl Tx {
    /// A group of this client, as this transaction sees it.
    pub async fn scim_group(&mut self, client: &ScimClientId, id: &ScimGroupId) -> Result<Option<ScimGroup>> {
        group_of(client, id, self.connection()).await
    }

    /// Who is in a group, as this transaction sees it, by id.
    pub async fn scim_group_members(&mut self, group: &ScimGroupId) -> Result<Vec<UserId>> {
        members_of(group, self.connection()).await
    }

    /// The groups of each of these accounts, as this transaction sees them.
    pub async fn scim_groups_of(&mut self, users: &[UserId]) -> Result<GroupsOfUsers> {
        let mut groups = GroupsOfUsers::new();
        for chunk in users.chunks(CHUNK) {
            collect(&groups_of_users(chunk).fetch_all(self.connection()).await?, &mut groups)?;
        }
        Ok(groups)
    }

    /// Another group of this client that has this name or this `externalId`.
    pub async fn scim_group_like(&mut self, group: &ScimGroup) -> Result<Option<ScimGroupId>> {
        let mut sql = Sql::new("SELECT id FROM scim_groups WHERE client_id = ");
        sql.bind(group.client_id.as_str()).push(" AND id <> ").bind(group.id.as_str());
        sql.push(" AND (display_name_folded = ").bind(fold(&group.display_name).as_str());
        if let Some(external_id) = &group.external_id {
            sql.push(" OR external_id = ").bind(external_id.as_str());
        }
        sql.push(")");
        sql.fetch_all(self.connection()).await?.first().map(|row| row.id("id")).transpose()
    }

    /// Those of these ids that are accounts of this client.
    pub async fn scim_users_among(&mut self, client: &ScimClientId, ids: &[UserId]) -> Result<Vec<UserId>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut sql =
                Sql::new("SELECT user_id FROM scim_users WHERE deleted_at IS NULL AND client_id = ");
            sql.bind(client.as_str()).push(" AND user_id IN (").list(chunk.iter().map(UserId::as_str));
            sql.push(")");
            for row in sql.fetch_all(self.connection()).await? {
                found.push(row.id("user_id")?);
            }
        }
        Ok(found)
    }

    /// Writes a group, without its members.
    pub async fn save_scim_group(&mut self, group: &ScimGroup) -> Result<()> {
        sqlx::query(
            "INSERT INTO scim_groups (id, client_id, display_name, display_name_folded, external_id, version,
                                      created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name,
               display_name_folded = excluded.display_name_folded, external_id = excluded.external_id,
               version = excluded.version, updated_at = excluded.updated_at",
        )
        .bind(group.id.as_str())
        .bind(group.client_id.as_str())
        .bind(text(&group.display_name))
        .bind(text(&fold(&group.display_name)))
        .bind(group.external_id.as_deref().map(text))
        .bind(group.version)
        .bind(group.created_at.as_micros())
        .bind(group.updated_at.as_micros())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Puts accounts into a group.
    pub async fn add_scim_group_members(&mut self, group: &ScimGroupId, users: &[UserId]) -> Result<()> {
        for chunk in users.chunks(CHUNK) {
            let rows = chunk.iter().map(|user| [Value::from(group.as_str()), Value::from(user.as_str())]);
            let mut sql = Sql::new("INSERT INTO scim_group_members (group_id, user_id) VALUES ");
            sql.rows(&self.dialect().clone(), rows).push(" ON CONFLICT (group_id, user_id) DO NOTHING");
            sql.execute_once(self.connection()).await?;
        }
        Ok(())
    }

    /// Takes accounts out of a group.
    pub async fn remove_scim_group_members(&mut self, group: &ScimGroupId, users: &[UserId]) -> Result<()> {
        for chunk in users.chunks(CHUNK) {
            let mut sql = Sql::new("DELETE FROM scim_group_members WHERE group_id = ");
            sql.bind(group.as_str()).push(" AND user_id IN (").list(chunk.iter().map(UserId::as_str));
            sql.push(")");
            sql.execute_once(self.connection()).await?;
        }
        Ok(())
    }

    /// Removes a group, and everybody from it.
    pub async fn delete_scim_group(&mut self, group: &ScimGroupId) -> Result<()> {
        sqlx::query("DELETE FROM scim_groups WHERE id = $1")
            .bind(group.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
