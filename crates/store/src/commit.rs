//! The one way in which the control plane changes: a transaction that can't be committed without an audit entry.

use crate::audit_chain::Link;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::sql::{Sql, Value, text};
use model::TenantId;
use model::audit::AuditEntry;
use model::change::{Change, Epoch};
use sqlx::any::Any;
use sqlx::{AnyConnection, AnyPool, Transaction};
use std::collections::BTreeMap;

/// Rows in one INSERT: bounds the number of placeholders.
const CHUNK: usize = 500;

/// A change of the control plane in the making. Dropped without [`Tx::commit`], it never happened.
///
/// After any error but a conflict of a unique name, PostgreSQL refuses further statements: drop it.
#[must_use = "nothing happens without commit"]
pub struct Tx {
    inner: Transaction<'static, Any>,
    dialect: Dialect,
    pub(crate) totals: Totals,
}

/// What this transaction adds to the totals of unfiltered lists; written at the end, always in the same order.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) users: i64,
    /// Keys that aren't revoked, by tenant.
    pub(crate) keys: BTreeMap<TenantId, i64>,
    pub(crate) revoked_keys: i64,
    pub(crate) tenants: i64,
}

impl Tx {
    pub(crate) async fn begin(writer: &AnyPool, dialect: &Dialect) -> Result<Self> {
        let mut inner = writer.begin_with(dialect.begin()).await?;
        if let Some(lock) = dialect.serialise() {
            sqlx::query(lock).execute(&mut *inner).await?;
        }
        Ok(Self { inner, dialect: dialect.clone(), totals: Totals::default() })
    }

    pub(crate) fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Writes the audit row and the feed rows and commits; the feed's position afterwards. If any of it fails,
    /// nothing happened.
    pub async fn commit(mut self, audit: &AuditEntry, changes: &[Change]) -> Result<Epoch> {
        let grown = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        let row = sqlx::query(
            "UPDATE feed SET epoch = epoch + $1, audit_seq = audit_seq + 1 WHERE id = 1
             RETURNING epoch, audit_seq, audit_head",
        )
        .bind(grown)
        .fetch_one(&mut *self.inner)
        .await?;
        let epoch: i64 = row.get("epoch")?;
        self.append_changes(epoch - grown, changes, audit.at.as_micros()).await?;
        self.add_totals().await?;
        let previous: Option<Vec<u8>> = row.get("audit_head")?;
        self.append_audit(row.get("audit_seq")?, previous, audit).await?;
        if let Some(notify) = self.dialect.notify().filter(|_| !changes.is_empty()) {
            sqlx::query(notify).execute(&mut *self.inner).await?;
        }
        self.inner.commit().await?;
        Ok(Epoch(epoch))
    }

    async fn append_changes(&mut self, mut epoch: i64, changes: &[Change], at: i64) -> Result<()> {
        for chunk in changes.chunks(CHUNK) {
            let mut rows = Vec::with_capacity(chunk.len());
            for change in chunk {
                epoch += 1;
                let json = crate::fields::to_json(change, "change")?;
                rows.push([Value::from(epoch), Value::from(json.as_str()), Value::from(at)]);
            }
            let mut sql = Sql::new("INSERT INTO changes (epoch, change, at) VALUES ");
            sql.rows(&self.dialect, rows);
            sql.execute_once(&mut *self.inner).await?;
        }
        Ok(())
    }

    async fn add_totals(&mut self) -> Result<()> {
        let Totals { users, keys, revoked_keys, tenants } = std::mem::take(&mut self.totals);
        let all_keys = keys.values().sum();
        let counters =
            [("keys", all_keys), ("revoked_keys", revoked_keys), ("tenants", tenants), ("users", users)];
        for (name, grown) in counters.into_iter().filter(|(_, grown)| *grown != 0) {
            sqlx::query("UPDATE counters SET value = value + $1 WHERE name = $2")
                .bind(grown)
                .bind(name)
                .execute(&mut *self.inner)
                .await?;
        }
        for (tenant, grown) in keys.into_iter().filter(|(_, grown)| *grown != 0) {
            sqlx::query(
                "INSERT INTO tenant_keys (tenant_id, live) VALUES ($1, $2)
                 ON CONFLICT (tenant_id) DO UPDATE SET live = tenant_keys.live + excluded.live",
            )
            .bind(tenant.as_str())
            .bind(grown)
            .execute(&mut *self.inner)
            .await?;
        }
        Ok(())
    }

    /// The row, chained to the one before it, and the note of the new head.
    async fn append_audit(&mut self, seq: i64, previous: Option<Vec<u8>>, audit: &AuditEntry) -> Result<()> {
        let previous: Option<[u8; 32]> =
            previous.map(TryInto::try_into).transpose().map_err(|_| Error::Corrupt { what: "audit_head" })?;
        let [actor_id, actor, target_id, target_name, detail] =
            [&audit.actor_id, &audit.actor, &audit.target_id, &audit.target_name, &audit.detail]
                .map(|free| text(free));
        let ip = audit.ip.as_deref().map(text);
        let link = Link {
            seq,
            at: audit.at.as_micros(),
            actor_id: &actor_id,
            actor: &actor,
            action: audit.action,
            target_type: audit.target_type,
            target_id: &target_id,
            target_name: &target_name,
            tenant_id: audit.tenant_id.as_ref().map(TenantId::as_str),
            result: audit.result.as_str(),
            ip: ip.as_deref(),
            detail: &detail,
        };
        let hash = link.hash(previous.as_ref());
        sqlx::query(
            "INSERT INTO audit_log (seq, at, actor_id, actor, action, target_type, target_id, target_name,
                                    tenant_id, result, ip, detail, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(link.seq)
        .bind(link.at)
        .bind(link.actor_id)
        .bind(link.actor)
        .bind(link.action)
        .bind(link.target_type)
        .bind(link.target_id)
        .bind(link.target_name)
        .bind(link.tenant_id)
        .bind(link.result)
        .bind(link.ip)
        .bind(link.detail)
        .bind(&hash[..])
        .execute(&mut *self.inner)
        .await?;
        sqlx::query("UPDATE feed SET audit_head = $1 WHERE id = 1")
            .bind(&hash[..])
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}
