//! API keys: single look-ups, changes, and how many there are. Lists are in `key_list`.

use crate::commit::Tx;
use crate::error::{Error, Result};
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::id::UserPath;
use model::key::{
    ApiKey, EXPIRES_SOON, Environment, KeyContext, KeyKind, KeyOwner, KeyState, KeyView, STALE,
};
use model::role::Reach;
use model::tenant::TenantStatus;
use model::user::{UserStatus, fold};
use model::{KeyId, TenantId, Timestamp, UserId};
use sqlx::Executor;
use sqlx::any::{Any, AnyRow};

/// How many keys there are, for the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// Neither revoked nor expired.
    pub active: u64,
    /// Of these, not used for 90 days (never used counts from creation).
    pub stale: u64,
    /// Of these, expiring within 7 days.
    pub expiring: u64,
}

/// The columns of a key, from `api_keys k`.
macro_rules! key_columns {
    () => {
        "k.id, k.name, k.description, k.kind, k.environment, k.tenant_id, k.owner_id, k.user_path, k.tags,
       k.scope, k.expires_at, k.created_at, k.creator_id, k.created_by, k.last_used_at,
       k.revoked_at, k.revoked_by, k.revoke_reason"
    };
}
pub(crate) use key_columns;

/// Keys with their tenant and owner.
macro_rules! keys_with_context {
    () => {
        " FROM api_keys k JOIN tenants t ON t.id = k.tenant_id LEFT JOIN users u ON u.id = k.owner_id"
    };
}

/// `SELECT` of what [`read_view`] reads.
pub(crate) const SELECT_VIEW: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", t.name AS tenant_name, t.status AS tenant_status,
       u.name AS owner_name, u.email AS owner_email, u.status AS owner_status",
    keys_with_context!()
);

pub(crate) fn read_key(row: &AnyRow) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.id("id")?,
        name: row.text("name")?,
        description: row.maybe_text("description")?,
        kind: row.word("kind", KeyKind::parse)?,
        environment: row.word("environment", Environment::parse)?,
        tenant_id: row.id("tenant_id")?,
        owner: row.maybe_id("owner_id")?.map_or(KeyOwner::Tenant, KeyOwner::User),
        user_path: row.maybe_id("user_path")?,
        tags: row.json("tags")?,
        scope: row.json("scope")?,
        expires_at: row.maybe_time("expires_at")?,
        created_at: row.time("created_at")?,
        creator_id: row.maybe_id("creator_id")?,
        created_by: row.text("created_by")?,
        state: read_state(row)?,
    })
}

fn read_state(row: &AnyRow) -> Result<KeyState> {
    Ok(match row.maybe_time("revoked_at")? {
        None => KeyState::Active,
        Some(at) => KeyState::Revoked { at, by: row.text("revoked_by")?, reason: row.text("revoke_reason")? },
    })
}

pub(crate) fn read_view(row: &AnyRow, now: Timestamp) -> Result<KeyView> {
    let context = KeyContext {
        tenant_name: row.text("tenant_name")?,
        tenant_status: row.word("tenant_status", TenantStatus::parse)?,
        owner_name: row.maybe_text("owner_name")?,
        owner_email: row.maybe_text("owner_email")?,
        owner_status: row.maybe_word("owner_status", UserStatus::parse)?,
        last_used_at: row.maybe_time("last_used_at")?,
    };
    Ok(KeyView::new(read_key(row)?, context, now))
}

async fn view_of<'c>(
    id: &KeyId,
    now: Timestamp,
    on: impl Executor<'c, Database = Any>,
) -> Result<Option<KeyView>> {
    let mut sql = Sql::new(SELECT_VIEW);
    sql.push(" WHERE k.id = ").bind(id.as_str());
    let rows = sql.fetch_all(on).await?;
    rows.first().map(|row| read_view(row, now)).transpose()
}

impl Store {
    /// The key with this public id, as it stands at `now`.
    pub async fn key(&self, id: &KeyId, now: Timestamp) -> Result<Option<KeyView>> {
        view_of(id, now, self.reader()).await
    }

    /// All keys of a user, revoked ones too, newest first.
    pub async fn keys_of_user(&self, id: &UserId) -> Result<Vec<KeyId>> {
        self.key_ids("SELECT id FROM api_keys WHERE owner_id = $1 ORDER BY created_at DESC, id", id.as_str())
            .await
    }

    /// All keys of a tenant, revoked ones too, newest first.
    pub async fn keys_of_tenant(&self, id: &TenantId) -> Result<Vec<KeyId>> {
        self.key_ids("SELECT id FROM api_keys WHERE tenant_id = $1 ORDER BY created_at DESC, id", id.as_str())
            .await
    }

    async fn key_ids(&self, statement: &'static str, of: &str) -> Result<Vec<KeyId>> {
        let rows = sqlx::query(statement).bind(of).fetch_all(self.reader()).await?;
        rows.iter().map(|row| row.id("id")).collect()
    }

    /// How many keys there are in a tenant, or in all, as far as `reach` goes.
    pub async fn key_counts(
        &self,
        tenant: Option<&TenantId>,
        reach: &Reach,
        now: Timestamp,
    ) -> Result<KeyCounts> {
        // Each count reads a stretch of one index. Keys that live, less those that have expired, are the active ones.
        let begin = |sql: &mut Sql, what| {
            sql.push(what).push("(SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL");
        };
        let end = |sql: &mut Sql, name| {
            if let Some(tenant) = tenant {
                sql.push(" AND tenant_id = ").bind(tenant.as_str());
            }
            sql.within("tenant_id", reach).push(") AS ").push(name);
        };
        let mut sql = Sql::new("SELECT ");
        if tenant.is_some() || *reach != Reach::Everywhere {
            begin(&mut sql, "");
            end(&mut sql, "live");
        } else {
            sql.push("(SELECT value FROM counters WHERE name = 'keys') AS live");
        }
        begin(&mut sql, ", ");
        sql.push(" AND expiry_order <= ").bind(now);
        end(&mut sql, "expired");
        begin(&mut sql, ", ");
        sql.push(" AND idle_since < ").bind(now.before(STALE));
        sql.push(" AND expiry_order > ").bind(now);
        end(&mut sql, "stale");
        begin(&mut sql, ", ");
        sql.push(" AND expiry_order > ").bind(now);
        sql.push(" AND expiry_order <= ").bind(now.after(EXPIRES_SOON));
        end(&mut sql, "expiring");
        let row = sql.fetch_one(self.reader()).await?;
        let (live, expired): (u64, u64) = (row.number("live")?, row.number("expired")?);
        Ok(KeyCounts {
            active: live.saturating_sub(expired),
            stale: row.number("stale")?,
            expiring: row.number("expiring")?,
        })
    }
}

impl Tx {
    /// Adds a key and the hash of its secret. A second active standard key of a tenant and environment is the
    /// conflict `standard_key`: the database decides, however many try at once.
    pub async fn insert_key(&mut self, key: &ApiKey, secret_hash: &[u8; 32]) -> Result<()> {
        let (revoked_at, revoked_by, revoke_reason) = match &key.state {
            KeyState::Active => (None, None, None),
            KeyState::Revoked { at, by, reason } => {
                (Some(at.as_micros()), Some(text(by)), Some(text(reason)))
            }
        };
        let token = format!("{}_{}_{}", key.kind.token_prefix(), key.environment.token_part(), key.id);
        let done = sqlx::query(
            "INSERT INTO api_keys (id, name, name_folded, token_folded, description, kind, environment, tenant_id,
                                   owner_id, user_path, tags, scope, expires_at,
                                   created_at, creator_id, created_by, revoked_at, revoked_by, revoke_reason,
                                   owner_inactive)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                     (SELECT COUNT(*) FROM users WHERE id = $9 AND status = 'inactive'))
             ON CONFLICT (tenant_id, environment) WHERE kind = 'standard' AND revoked_at IS NULL DO NOTHING",
        )
        .bind(key.id.as_str())
        .bind(text(&key.name))
        .bind(text(&fold(&key.name)))
        .bind(fold(&token))
        .bind(key.description.as_deref().map(text))
        .bind(key.kind.as_str())
        .bind(key.environment.as_str())
        .bind(key.tenant_id.as_str())
        .bind(key.owner.user_id().map(UserId::as_str))
        .bind(key.user_path.as_ref().map(UserPath::as_str))
        .bind(to_json(&key.tags, "tags")?)
        .bind(to_json(&key.scope, "scope")?)
        .bind(key.expires_at.map(Timestamp::as_micros))
        .bind(key.created_at.as_micros())
        .bind(key.creator_id.as_ref().map(UserId::as_str))
        .bind(text(&key.created_by))
        .bind(revoked_at)
        .bind(revoked_by)
        .bind(revoke_reason)
        .execute(self.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict { what: "standard_key" });
        }
        self.insert_secret(&key.id, 1, secret_hash, key.created_at).await?;
        match key.state {
            KeyState::Active => *self.totals.keys.entry(key.tenant_id.clone()).or_default() += 1,
            KeyState::Revoked { .. } => self.totals.revoked_keys += 1,
        }
        Ok(())
    }

    /// The key with this public id, as this transaction sees it. Stays true until it ends: no other runs.
    pub async fn key(&mut self, id: &KeyId) -> Result<Option<ApiKey>> {
        let row = sqlx::query(concat!("SELECT ", key_columns!(), " FROM api_keys k WHERE k.id = $1"))
            .bind(id.as_str())
            .fetch_optional(self.connection())
            .await?;
        row.as_ref().map(read_key).transpose()
    }

    /// The same with the words of its tenant and owner, as it stands at `now`.
    pub async fn key_view(&mut self, id: &KeyId, now: Timestamp) -> Result<Option<KeyView>> {
        view_of(id, now, self.connection()).await
    }

    /// Writes what can change of a key: name, description, user path, tags, scope and expiry. `false`: it was not
    /// active (revoked, or unknown), and stays as it is.
    pub async fn update_key(&mut self, key: &ApiKey) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE api_keys SET name = $2, name_folded = $3, description = $4, user_path = $5, tags = $6,
                                 scope = $7, expires_at = $8
             WHERE id = $1 AND revoked_at IS NULL",
        )
        .bind(key.id.as_str())
        .bind(text(&key.name))
        .bind(text(&fold(&key.name)))
        .bind(key.description.as_deref().map(text))
        .bind(key.user_path.as_ref().map(UserPath::as_str))
        .bind(to_json(&key.tags, "tags")?)
        .bind(to_json(&key.scope, "scope")?)
        .bind(key.expires_at.map(Timestamp::as_micros))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The keys that a user has in a tenant, or in all, and that aren't revoked, by id.
    pub async fn unrevoked_keys_of(
        &mut self,
        user: &UserId,
        tenant: Option<&TenantId>,
    ) -> Result<Vec<KeyId>> {
        let mut sql = Sql::new("SELECT id FROM api_keys WHERE revoked_at IS NULL AND owner_id = ");
        sql.bind(user.as_str());
        if let Some(tenant) = tenant {
            sql.push(" AND tenant_id = ").bind(tenant.as_str());
        }
        sql.push(" ORDER BY id");
        sql.fetch_all(self.connection()).await?.iter().map(|row| row.id("id")).collect()
    }

    /// Takes a key back for good; `false`: it was not active (revoked before, or unknown).
    pub async fn revoke_key(&mut self, id: &KeyId, at: Timestamp, by: &str, reason: &str) -> Result<bool> {
        let tenant = sqlx::query(
            "UPDATE api_keys SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
             WHERE id = $1 AND revoked_at IS NULL RETURNING tenant_id",
        )
        .bind(id.as_str())
        .bind(at.as_micros())
        .bind(text(by))
        .bind(text(reason))
        .fetch_optional(self.connection())
        .await?;
        let Some(tenant) = tenant else { return Ok(false) };
        *self.totals.keys.entry(tenant.id("tenant_id")?).or_default() -= 1;
        self.totals.revoked_keys += 1;
        Ok(true)
    }
}
