//! Restoring a backup: into an empty database, which it fills in one transaction or leaves empty.

use super::format::{Manifest, TableHead};
use super::read::{BackupReader, Next};
use super::schema::{self, Table};
use super::{Error, Progress, Result, STEP, row};
use crate::dialect::Dialect;
use crate::fields::Fields;
use crate::lock::NodeLock;
use crate::pool::Store;
use crate::sql::{Sql, Value};
use model::audit::AuditEntry;
use sqlx::{AnyConnection, AssertSqlSafe};
use std::collections::BTreeMap;
use std::io::Read;

/// Tables in which migrations put rows. A restore puts the backup's in their place.
const MADE_BY_MIGRATIONS: [&str; 4] = ["counters", "feed", "tenant_slugs", "tenants"];

/// The most rows, and the most values, in one INSERT.
const CHUNK: usize = 500;
const PLACEHOLDERS: usize = 30_000;

/// What was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Totals that the backup had wrong.
    pub corrected: Vec<Correction>,
}

/// A total that wasn't what the rows say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which.
    pub name: &'static str,
    /// What the backup had.
    pub was: i64,
    /// What it is now.
    pub is: i64,
}

impl Store {
    /// Opens a database to restore `manifest`'s backup into it, and keeps it from being served meanwhile. It may be new;
    /// one that is in use, or of another version, stays as it is.
    pub async fn open_for_restore(url: &str, manifest: &Manifest) -> Result<(Self, NodeLock)> {
        let dialect = Dialect::of(url)?;
        let known = dialect.newest_schema();
        if manifest.schema != known {
            return Err(other_version(manifest, known));
        }
        let store = Self::connect(url).await?;
        let lock = store.lock_node("restore").await?;
        let mut reader = store.reader().begin().await?;
        let tables = schema::tables(&mut reader, &dialect).await?;
        match schema::version(&mut reader, &tables).await? {
            Some(version) if version != known => {
                return Err(Error::NotEmpty(format!("the tables of another version (schema {version})")));
            }
            None if !tables.is_empty() => {
                let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
                return Err(Error::NotEmpty(format!("tables of something else: {}", names.join(", "))));
            }
            _ => {}
        }
        reader.rollback().await?;
        store.migrate().await?;
        Ok((store, lock))
    }

    /// Puts the backup's rows into this database, and `audit` after those of the log: all of them, once the whole of it
    /// has been read and fits, or none. Hold the node's lock meanwhile. Blocks while the backup's source does: for a command, which has nothing else to do.
    pub async fn restore<R: Read>(
        &self,
        mut backup: BackupReader<R>,
        audit: &AuditEntry,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Restored> {
        for statement in self.dialect().bulk() {
            sqlx::query(*statement).execute(self.writer()).await?;
        }
        let mut tx = self.begin().await?;
        // The source may be slow.
        if let Some(statement) = self.dialect().patience() {
            sqlx::query(statement).execute(tx.connection()).await?;
        }
        let tables = schema::tables(tx.connection(), self.dialect()).await?;
        refuse_unless_empty(tx.connection(), &tables).await?;
        for table in tables.iter().rev().filter(|table| table.is_kept()) {
            sqlx::query(AssertSqlSafe(format!("DELETE FROM {}", table.name)))
                .execute(tx.connection())
                .await?;
        }
        let mut filling = Filling { dialect: self.dialect(), tables, counts: BTreeMap::new() };
        filling.fill(tx.connection(), &mut backup, progress).await?;
        let corrected = correct_totals(tx.connection()).await?;
        tx.commit(audit, &[]).await?;
        self.analyse().await?;
        Ok(Restored { rows: filling.counts, corrected })
    }
}

fn other_version(manifest: &Manifest, known: i64) -> Error {
    let Manifest { schema, version, .. } = manifest;
    Error::OtherVersion(if *schema > known {
        format!(
            "the backup is newer than this program (schema {schema}, and this version's is {known}): restore it with \
             Gatehouse {version} or a later one"
        )
    } else {
        format!(
            "the backup is older than this program (schema {schema}, and this version's is {known}): restore it with \
             Gatehouse {version}, then start this version, which brings the tables up to date"
        )
    })
}

/// Whether there is nothing but what migrations make; what else there is, in words.
async fn refuse_unless_empty(on: &mut AnyConnection, tables: &[Table]) -> Result<()> {
    let mut found = Vec::new();
    for table in tables.iter().filter(|table| table.name != "_sqlx_migrations") {
        if MADE_BY_MIGRATIONS.contains(&table.name.as_str()) {
            continue;
        }
        let count = format!("SELECT COUNT(*) AS counted FROM {}", table.name);
        let rows: i64 = sqlx::query(AssertSqlSafe(count)).fetch_one(&mut *on).await?.get("counted")?;
        if rows > 0 {
            found.push(format!("{rows} in {}", table.name));
        }
    }
    let tenants = sqlx::query("SELECT COUNT(*) AS counted FROM tenant_slugs").fetch_one(&mut *on).await?;
    let tenants: i64 = tenants.get("counted")?;
    if tenants > 1 {
        found.push(format!("{tenants} in tenants"));
    }
    if found.is_empty() { Ok(()) } else { Err(Error::NotEmpty(format!("rows: {}", found.join(", ")))) }
}

/// Puts rows where they belong.
struct Filling<'a> {
    dialect: &'a Dialect,
    tables: Vec<Table>,
    /// Rows of each table that was met.
    counts: BTreeMap<String, u64>,
}

impl Filling<'_> {
    async fn fill<R: Read>(
        &mut self,
        on: &mut AnyConnection,
        backup: &mut BackupReader<R>,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<()> {
        let mut next = backup.next()?;
        loop {
            next = match next {
                Next::Table(head) => self.fill_table(on, &head, backup, progress).await?,
                Next::Row(_) => return Err(Error::Damaged("a row is in no table".to_owned())),
                Next::End(end) => {
                    let expected = self.tables.iter().filter(|table| table.is_kept()).count();
                    if end.rows == self.counts && end.rows.len() == expected {
                        return Ok(());
                    }
                    return Err(Error::Damaged("its tables have other numbers of rows".to_owned()));
                }
            };
        }
    }

    /// Puts in a table's rows; what comes after them.
    async fn fill_table<R: Read>(
        &mut self,
        on: &mut AnyConnection,
        head: &TableHead,
        backup: &mut BackupReader<R>,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Next> {
        let table = self.tables.iter().find(|table| table.is_kept() && table.name == head.name);
        let table = table.ok_or_else(|| Error::Damaged("it has a table that isn't known here".to_owned()))?;
        let same = head.columns.len() == table.columns.len()
            && head.columns.iter().all(|column| table.columns.contains(column));
        if !same || self.counts.contains_key(&table.name) {
            return Err(Error::Damaged(format!("its {} isn't the table that is known here", table.name)));
        }
        // The file's order, this schema's names: nothing of the file becomes part of a statement.
        let known = |name: &str| table.columns.iter().find(|column| column.name == name);
        let names: Vec<&str> = head
            .columns
            .iter()
            .filter_map(|column| known(&column.name))
            .map(|column| column.name.as_str())
            .collect();
        let into = format!("INSERT INTO {} ({}) VALUES ", table.name, names.join(", "));
        let most = CHUNK.min(PLACEHOLDERS / names.len().max(1));
        let (mut rows, mut count) = (Vec::with_capacity(most), 0);
        let next = loop {
            match backup.next()? {
                Next::Row(line) => rows.push(row::values(line, &head.columns)?),
                other => break other,
            }
            count += 1;
            if rows.len() == most {
                insert(on, self.dialect, &into, std::mem::take(&mut rows), true).await?;
            }
            if count % STEP == 0 {
                progress(Progress { table: &table.name, rows: count, complete: false });
            }
        };
        if !rows.is_empty() {
            insert(on, self.dialect, &into, rows, false).await?;
        }
        progress(Progress { table: &table.name, rows: count, complete: true });
        self.counts.insert(table.name.clone(), count);
        Ok(next)
    }
}

async fn insert(
    on: &mut AnyConnection,
    dialect: &Dialect,
    into: &str,
    rows: Vec<Vec<Value>>,
    again: bool,
) -> Result<()> {
    let mut sql = Sql::of_schema(into.to_owned());
    sql.rows(dialect, rows);
    let done = if again { sql.execute(on).await } else { sql.execute_once(on).await };
    match done {
        Ok(_) => Ok(()),
        Err(crate::Error::Unavailable(sqlx::Error::Database(refused))) => {
            Err(Error::Damaged(format!("the database refuses rows of it: {refused}")))
        }
        Err(crate::Error::Conflict { .. }) => {
            Err(Error::Damaged("a row refers to another that isn't in it".to_owned()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Counts what is totalled. A backup is of one moment, in which totals and rows agree; but the totals decide what lists
/// say, and counting costs little here.
async fn correct_totals(on: &mut AnyConnection) -> Result<Vec<Correction>> {
    const COUNTS: [(&str, &str); 4] = [
        ("keys", "SELECT COUNT(*) AS counted FROM api_keys WHERE revoked_at IS NULL"),
        ("revoked_keys", "SELECT COUNT(*) AS counted FROM api_keys WHERE revoked_at IS NOT NULL"),
        ("tenants", "SELECT COUNT(*) AS counted FROM tenants WHERE deleted_at IS NULL"),
        ("users", "SELECT COUNT(*) AS counted FROM users"),
    ];
    let mut corrected = Vec::new();
    for (name, count) in COUNTS {
        let is: i64 = sqlx::query(count).fetch_one(&mut *on).await?.get("counted")?;
        let row =
            sqlx::query("SELECT value FROM counters WHERE name = $1").bind(name).fetch_optional(&mut *on);
        let Some(row) = row.await? else {
            return Err(Error::Damaged(format!("the total of {name} is missing")));
        };
        let was: i64 = row.get("value")?;
        if was != is {
            sqlx::query("UPDATE counters SET value = $1 WHERE name = $2")
                .bind(is)
                .bind(name)
                .execute(&mut *on)
                .await?;
            corrected.push(Correction { name, was, is });
        }
    }
    Ok(corrected)
}
