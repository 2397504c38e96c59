//! Appending to the usage ledger. No audit row: the ledger is its own record. Idempotent by request id and attempt,
//! so that a spool can be replayed.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, Value, stored};
use crate::{last_uses, usage_spans};
use model::UserId;
use model::id::UserPath;
use model::usage::UsageRow;
use sqlx::AnyConnection;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Rows in one INSERT: so few that SQLite's thread, where it shares a core with requests, lets them go first after half a
/// millisecond. A statement of just this length is kept prepared.
const CHUNK: usize = 50;
/// Rows in one question.
const ASKED: usize = 1_000;

impl Store {
    /// Adds rows in one transaction, and notes the last use of their keys and secrets and the totals of their hours and
    /// days. Rows that are there already stay as they are, and count no more.
    pub async fn append_usage(&self, rows: &[UsageRow]) -> Result<()> {
        let mut rows = Cow::Borrowed(rows);
        while !rows.is_empty() {
            let mut tx = self.writer().begin_with(self.dialect().begin()).await?;
            let added = insert_rows(self.dialect(), &mut tx, &rows).await?;
            if added == rows.len() as u64 {
                let uses = self.last_uses().unnoted(&rows);
                last_uses::note(self.dialect(), &mut tx, &uses).await?;
                usage_spans::add(self.dialect(), &mut tx, &rows).await?;
                tx.commit().await?;
                self.last_uses().noted(&uses);
                return Ok(());
            }
            // Rare: a spool that is replayed. Which rows were there can't be told any more; begin again without them.
            tx.rollback().await?;
            rows = Cow::Owned(self.not_in_ledger(&rows).await?);
        }
        Ok(())
    }

    /// Of these rows, those that aren't in the ledger, each once.
    async fn not_in_ledger(&self, rows: &[UsageRow]) -> Result<Vec<UsageRow>> {
        let mut there = BTreeSet::new();
        for chunk in rows.chunks(ASKED) {
            let mut sql = Sql::new("SELECT l.started_at, l.request_id, l.attempt FROM (VALUES ");
            sql.rows(
                self.dialect(),
                chunk.iter().map(|row| {
                    let id = row.request_id.as_str();
                    [Value::from(row.started_at), Value::from(id), Value::from(i64::from(row.attempt))]
                }),
            );
            sql.push(") AS asked JOIN usage_ledger l ON l.started_at = asked.column1");
            sql.push(" AND l.request_id = asked.column2 AND l.attempt = asked.column3");
            // From the writer: what it has committed is there for certain.
            for row in sql.fetch_all(self.writer()).await? {
                there.insert((row.time("started_at")?, row.id("request_id")?, row.number::<u16>("attempt")?));
            }
        }
        let new = |row: &&UsageRow| there.insert((row.started_at, row.request_id.clone(), row.attempt));
        Ok(rows.iter().filter(new).cloned().collect())
    }
}

/// Adds rows and says how many; those that are there already stay as they are.
pub(crate) async fn insert_rows(dialect: &Dialect, tx: &mut AnyConnection, rows: &[UsageRow]) -> Result<u64> {
    let mut added = 0;
    for chunk in rows.chunks(CHUNK) {
        let values = chunk.iter().map(columns).collect::<Result<Vec<_>>>()?;
        let mut sql = Sql::new(
            "INSERT INTO usage_ledger (request_id, attempt, started_at, key_id, tenant_id, user_id, user_path,
                                       secret_generation, identity, conversation_id, endpoint, model, provider,
                                       upstream_model, streamed, status, outcome, input_tokens,
                                       cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
                                       token_source, cost_micros, first_byte_micros, total_micros, key_tags,
                                       request_tags) VALUES ",
        );
        sql.rows(dialect, values).push(" ON CONFLICT (started_at, request_id, attempt) DO NOTHING");
        added += if chunk.len() == CHUNK {
            sql.execute(&mut *tx).await?
        } else {
            sql.execute_once(&mut *tx).await?
        };
    }
    Ok(added)
}

fn columns(row: &UsageRow) -> Result<[Value; 28]> {
    Ok([
        row.request_id.as_str().into(),
        i64::from(row.attempt).into(),
        row.started_at.into(),
        row.key_id.as_str().into(),
        row.tenant_id.as_str().into(),
        row.user_id.as_ref().map(UserId::as_str).into(),
        row.user_path.as_ref().map(UserPath::as_str).into(),
        i64::from(row.secret_generation).into(),
        row.identity.as_deref().into(),
        row.conversation_id.as_deref().into(),
        row.endpoint.as_str().into(),
        row.model.as_str().into(),
        row.provider.as_str().into(),
        row.upstream_model.as_str().into(),
        i64::from(row.streamed).into(),
        i64::from(row.status).into(),
        row.outcome.as_str().into(),
        stored(row.input_tokens).into(),
        stored(row.cached_input_tokens).into(),
        stored(row.cache_write_tokens).into(),
        stored(row.output_tokens).into(),
        stored(row.reasoning_tokens).into(),
        row.token_source.as_str().into(),
        row.cost_usd.as_micros().into(),
        row.first_byte_micros.map(stored).into(),
        stored(row.total_micros).into(),
        to_json(&row.key_tags, "key_tags")?.as_str().into(),
        to_json(&row.request_tags, "request_tags")?.as_str().into(),
    ])
}
