//! What a tenant has: figures for the list, and all that goes when it is deleted.

use crate::commit::Tx;
use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::{Sql, text};
use model::money::Usd;
use model::tenant::TenantHoldings;
use model::{KeyId, TenantId, Timestamp, UserId};
use sqlx::any::AnyRow;
use std::collections::BTreeMap;

/// A tenant's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TenantFigures {
    /// How many belong to it.
    pub members: u64,
    /// How many of its keys are Active.
    pub active_keys: u64,
    /// What its requests have cost.
    pub cost_usd: Usd,
}

impl Store {
    /// The figures of these tenants, the cost from the day of `since` on; a tenant without any has no entry.
    pub async fn tenant_figures(
        &self,
        tenants: &[TenantId],
        since: Timestamp,
        now: Timestamp,
    ) -> Result<BTreeMap<TenantId, TenantFigures>> {
        let mut all: BTreeMap<TenantId, TenantFigures> = BTreeMap::new();
        if tenants.is_empty() {
            return Ok(all);
        }
        let in_these = |sql: &mut Sql| {
            sql.push(" AND tenant_id IN (").list(tenants.iter().map(TenantId::as_str));
            sql.push(") GROUP BY tenant_id");
        };
        let mut sql = Sql::new("SELECT tenant_id, COUNT(*) AS figure FROM memberships WHERE 1 = 1");
        in_these(&mut sql);
        for row in sql.fetch_all(self.reader()).await? {
            all.entry(row.id("tenant_id")?).or_default().members = row.number("figure")?;
        }
        let mut sql = Sql::new("SELECT t.tenant_id, t.live - (SELECT COUNT(*) FROM api_keys k");
        sql.push(" WHERE k.tenant_id = t.tenant_id AND k.revoked_at IS NULL AND k.expiry_order <= ")
            .bind(now);
        sql.push(") AS figure FROM tenant_keys t WHERE t.tenant_id IN (");
        sql.list(tenants.iter().map(TenantId::as_str)).push(")");
        for row in sql.fetch_all(self.reader()).await? {
            all.entry(row.id("tenant_id")?).or_default().active_keys = row.number("figure")?;
        }
        let mut sql =
            Sql::new("SELECT tenant_id, CAST(SUM(cost_micros) AS BIGINT) AS figure FROM usage_spans");
        sql.push(" WHERE hours = 24 AND start >= ").bind(since);
        in_these(&mut sql);
        for row in sql.fetch_all(self.reader()).await? {
            all.entry(row.id("tenant_id")?).or_default().cost_usd = Usd::from_micros(row.get("figure")?);
        }
        Ok(all)
    }

    /// What deleting this tenant would take away.
    pub async fn tenant_holdings(&self, id: &TenantId) -> Result<TenantHoldings> {
        let row = counts(id).fetch_one(self.reader()).await?;
        read(&row, &only_here(id).fetch_all(self.reader()).await?)
    }
}

impl Tx {
    /// The same, as this transaction sees it.
    pub async fn tenant_holdings(&mut self, id: &TenantId) -> Result<TenantHoldings> {
        let row = counts(id).fetch_one(self.connection()).await?;
        read(&row, &only_here(id).fetch_all(self.connection()).await?)
    }

    /// Who belongs to a tenant, by id.
    pub async fn members_of(&mut self, id: &TenantId) -> Result<Vec<UserId>> {
        let rows =
            ids("SELECT user_id AS id FROM memberships WHERE tenant_id = $1 ORDER BY user_id", id, self)
                .await?;
        rows.iter().map(|row| row.id("id")).collect()
    }

    /// Whether a `super_admin` belongs to a tenant.
    pub async fn has_super_admin(&mut self, id: &TenantId) -> Result<bool> {
        let rows = ids(
            "SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
             WHERE m.tenant_id = $1 AND u.role = 'super_admin' LIMIT 1",
            id,
            self,
        );
        Ok(!rows.await?.is_empty())
    }

    /// Takes all keys of a tenant back for good; those that weren't before.
    pub async fn revoke_keys_of_tenant(
        &mut self,
        id: &TenantId,
        at: Timestamp,
        by: &str,
        reason: &str,
    ) -> Result<Vec<KeyId>> {
        let rows = sqlx::query(
            "UPDATE api_keys SET revoked_at = $2, revoked_by = $3, revoke_reason = $4
             WHERE tenant_id = $1 AND revoked_at IS NULL RETURNING id",
        )
        .bind(id.as_str())
        .bind(at.as_micros())
        .bind(text(by))
        .bind(text(reason))
        .fetch_all(self.connection())
        .await?;
        let grown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        *self.totals.keys.entry(id.clone()).or_default() -= grown;
        self.totals.revoked_keys += grown;
        rows.iter().map(|row| row.id("id")).collect()
    }

    /// Deletes a tenant with its memberships, the roles in it, and the access rules about it; `false`: there is no such
    /// tenant. Its keys have to be revoked before. The row stays for what names it; its slug is never free again.
    pub async fn delete_tenant(&mut self, id: &TenantId, at: Timestamp) -> Result<bool> {
        let done = sqlx::query("UPDATE tenants SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL")
            .bind(id.as_str())
            .bind(at.as_micros())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        for statement in [
            "DELETE FROM memberships WHERE tenant_id = $1",
            "DELETE FROM access_rules WHERE scope_type = 'tenant' AND scope_value = $1",
        ] {
            sqlx::query(statement).bind(id.as_str()).execute(self.connection()).await?;
        }
        self.totals.tenants -= 1;
        Ok(true)
    }
}

async fn ids(statement: &'static str, id: &TenantId, tx: &mut Tx) -> Result<Vec<AnyRow>> {
    Ok(sqlx::query(statement).bind(id.as_str()).fetch_all(tx.connection()).await?)
}

fn counts(id: &TenantId) -> Sql {
    let mut sql = Sql::new("SELECT (SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL AND tenant_id = ");
    let tenant = sql.parameter(id.as_str());
    sql.push_parameter(tenant).push(") AS keys, (SELECT COUNT(*) FROM memberships WHERE tenant_id = ");
    sql.push_parameter(tenant).push(") AS memberships, (SELECT COUNT(*) FROM access_rules");
    sql.push(" WHERE scope_type = 'tenant' AND scope_value = ").push_parameter(tenant);
    sql.push(") AS access_rules, (SELECT COUNT(*) FROM memberships m WHERE m.tenant_id = ");
    sql.push_parameter(tenant).push(NOWHERE_ELSE).push(") AS left_out");
    sql
}

/// Of a membership `m`: it is its person's only one.
const NOWHERE_ELSE: &str = " AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.user_id = m.user_id AND o.tenant_id <> m.tenant_id)";

fn only_here(id: &TenantId) -> Sql {
    let mut sql =
        Sql::new("SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = ");
    sql.bind(id.as_str()).push(NOWHERE_ELSE).push(" ORDER BY u.email_folded LIMIT ");
    sql.bind(i64::try_from(TenantHoldings::NAMED).unwrap_or(i64::MAX));
    sql
}

fn read(row: &AnyRow, named: &[AnyRow]) -> Result<TenantHoldings> {
    Ok(TenantHoldings {
        keys: row.number("keys")?,
        memberships: row.number("memberships")?,
        access_rules: row.number("access_rules")?,
        users_left_out: row.number("left_out")?,
        users_left_out_named: named.iter().map(|row| row.text("email")).collect::<Result<_>>()?,
    })
}
