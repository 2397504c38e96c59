//! When keys and their secrets were last used, to within a minute: writing it moves the key in two indexes, and busy keys
//! are used all the time. The ledger has each use.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::{Sql, Value};
use model::usage::UsageRow;
use model::{KeyId, Timestamp};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A later use is written when it is so much later.
const STEP: Duration = Duration::from_mins(1);
/// Secrets that are remembered. Above it the database is asked again whether a use is late enough.
const REMEMBERED: usize = 100_000;
/// Keys in one UPDATE.
const KEYS: usize = 1_000;

/// A secret: its key and which of the key's secrets it is.
type Secret = (KeyId, u32);
/// Secrets and their newest use. Sorted: two nodes that write at once take row locks in the same order.
pub(crate) type Uses = BTreeMap<Secret, Timestamp>;

/// What this process has written of last uses: most uses need no statement.
#[derive(Default)]
pub(crate) struct LastUses(Mutex<HashMap<Secret, Timestamp>>);

impl LastUses {
    /// The newest use of each secret, where it is a step later than what was written, or nothing is known.
    pub(crate) fn unnoted(&self, rows: &[UsageRow]) -> Uses {
        let noted = self.lock();
        let mut uses = Uses::new();
        for row in rows {
            let secret = (row.key_id, row.secret_generation);
            if noted.get(&secret).is_none_or(|at| at.after(STEP) <= row.started_at) {
                let last = uses.entry(secret).or_insert(row.started_at);
                *last = row.started_at.max(*last);
            }
        }
        uses
    }

    /// To be called when they are committed.
    pub(crate) fn noted(&self, uses: &Uses) {
        let mut noted = self.lock();
        if noted.len() + uses.len() > REMEMBERED {
            noted.clear();
        }
        noted.extend(uses);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Secret, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes last uses that are a step later than those in the database: another node may have written too.
pub(crate) async fn note(dialect: &Dialect, tx: &mut AnyConnection, uses: &Uses) -> Result<()> {
    let uses: Vec<_> = uses.iter().collect();
    for chunk in uses.chunks(KEYS) {
        note_keys(dialect, tx, chunk).await?;
        note_secrets(dialect, tx, chunk).await?;
    }
    Ok(())
}

async fn note_keys(dialect: &Dialect, tx: &mut AnyConnection, uses: &[(&Secret, &Timestamp)]) -> Result<()> {
    // An UPDATE takes any one of several rows that fit: a key must be there once, with the newest of its secrets' uses.
    let mut keys = BTreeMap::<&KeyId, Timestamp>::new();
    for ((id, _), at) in uses {
        let last = keys.entry(id).or_insert(**at);
        *last = (**at).max(*last);
    }
    // Both databases call the columns of VALUES column1, column2, column3.
    let mut sql = Sql::new("UPDATE api_keys SET last_used_at = used.column2 FROM (VALUES ");
    sql.rows(dialect, keys.into_iter().map(|(id, at)| [Value::from(id.as_str()), at.into()]));
    sql.push(") AS used WHERE api_keys.id = used.column1");
    sql.push(" AND (api_keys.last_used_at IS NULL OR api_keys.last_used_at <= used.column2 - ");
    sql.bind(step()).push(")");
    sql.execute_once(&mut *tx).await?;
    Ok(())
}

async fn note_secrets(
    dialect: &Dialect,
    tx: &mut AnyConnection,
    uses: &[(&Secret, &Timestamp)],
) -> Result<()> {
    let mut sql = Sql::new("UPDATE key_secrets SET last_used_at = used.column3 FROM (VALUES ");
    let rows = uses.iter().map(|((id, generation), at)| {
        [Value::from(id.as_str()), i64::from(*generation).into(), (**at).into()]
    });
    sql.rows(dialect, rows);
    sql.push(") AS used WHERE key_secrets.key_id = used.column1 AND key_secrets.generation = used.column2");
    sql.push(" AND (key_secrets.last_used_at IS NULL OR key_secrets.last_used_at <= used.column3 - ");
    sql.bind(step()).push(")");
    sql.execute_once(&mut *tx).await?;
    Ok(())
}

fn step() -> i64 {
    i64::try_from(STEP.as_micros()).unwrap_or(i64::MAX)
}
