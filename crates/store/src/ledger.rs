//! Appending to the usage ledger. No audit row: the ledger is its own record. Idempotent by request id and attempt,
//! so that a spool can be replayed.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::fields::{Fields, to_json};
use crate::pool::Store;
use crate::sql::{Sql, Value, stored};
use crate::usage_spans;
use model::id::UserPath;
use model::usage::UsageRow;
use model::{KeyId, Timestamp, UserId};
use sqlx::AnyConnection;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Rows in one INSERT: so few that SQLite's thread, where it shares a core with requests, lets them go first after half a
/// millisecond. A statement of just this length is kept prepared.
const CHUNK: usize = 50;
/// A last use is noted to within so many microseconds: writing it moves the key in two indexes, and busy keys are used all
/// the time. The ledger has each use.
const LAST_USE_STEP: i64 = 10_000_000;
/// Keys in one UPDATE.
const KEYS: usize = 1_000;

impl Store {
    /// Adds rows in one transaction, and notes the last use of their keys and secrets and the totals of their hours and
    /// days. Rows that are there already stay as they are, and count no more.
    pub async fn append_usage(&self, rows: &[UsageRow]) -> Result<()> {
        let mut rows = Cow::Borrowed(rows);
        while !rows.is_empty() {
            let mut tx = self.writer().begin_with(self.dialect().begin()).await?;
            let added = insert_rows(self.dialect(), &mut tx, &rows).await?;
            if added == rows.len() as u64 {
                note_last_uses(self.dialect(), &mut tx, &rows).await?;
                usage_spans::add(self.dialect(), &mut tx, &rows).await?;
                tx.commit().await?;
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
        for chunk in rows.chunks(KEYS) {
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

async fn note_last_uses(dialect: &Dialect, tx: &mut AnyConnection, rows: &[UsageRow]) -> Result<()> {
    // Sorted: two nodes that write at once take row locks in the same order.
    let mut last_used = BTreeMap::<(KeyId, u32), Timestamp>::new();
    for row in rows {
        let last = last_used.entry((row.key_id, row.secret_generation)).or_insert(row.started_at);
        *last = row.started_at.max(*last);
    }
    let last_used: Vec<_> = last_used.into_iter().collect();
    for chunk in last_used.chunks(KEYS) {
        note_last_use(dialect, tx, chunk).await?;
    }
    Ok(())
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

/// Notes the last use of keys, and of each of their secrets.
async fn note_last_use(
    dialect: &Dialect,
    tx: &mut AnyConnection,
    last_used: &[((KeyId, u32), Timestamp)],
) -> Result<()> {
    // An UPDATE takes any one of several rows that fit: a key must be there once, with the newest of its secrets' uses.
    let mut keys = BTreeMap::<&KeyId, Timestamp>::new();
    for ((id, _), at) in last_used {
        let last = keys.entry(id).or_insert(*at);
        *last = (*at).max(*last);
    }
    // Both databases call the columns of VALUES column1, column2, column3.
    let mut sql = Sql::new("UPDATE api_keys SET last_used_at = used.column2 FROM (VALUES ");
    sql.rows(dialect, keys.into_iter().map(|(id, at)| [Value::from(id.as_str()), Value::from(at)]));
    sql.push(") AS used WHERE api_keys.id = used.column1");
    sql.push(" AND (api_keys.last_used_at IS NULL OR api_keys.last_used_at < used.column2 - ");
    sql.bind(LAST_USE_STEP).push(")");
    sql.execute_once(&mut *tx).await?;

    let mut sql = Sql::new("UPDATE key_secrets SET last_used_at = used.column3 FROM (VALUES ");
    let rows = last_used.iter().map(|((id, generation), at)| {
        [Value::from(id.as_str()), Value::from(i64::from(*generation)), Value::from(*at)]
    });
    sql.rows(dialect, rows);
    sql.push(") AS used WHERE key_secrets.key_id = used.column1 AND key_secrets.generation = used.column2");
    sql.push(" AND (key_secrets.last_used_at IS NULL OR key_secrets.last_used_at < used.column3 - ");
    sql.bind(LAST_USE_STEP).push(")");
    sql.execute_once(&mut *tx).await?;
    Ok(())
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
