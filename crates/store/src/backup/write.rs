//! Writing a backup, of one moment, while the database is in use.

use super::format::{End, FORMAT, Label, Manifest, Mark, TableHead};
use super::schema::{self, Table};
use super::{Error, Progress, Result, STEP, row};
use crate::audit_chain::hexadecimal;
use crate::dialect::Dialect;
use crate::fields::Fields;
use crate::pool::Store;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe};
use std::collections::BTreeMap;
use std::io::{self, Write};

impl Store {
    /// Opens a database that is there, to back it up. Tables of another version are refused and stay as they are: its
    /// server may run.
    pub async fn open_for_backup(url: &str) -> Result<Self> {
        if let Dialect::Sqlite { file } = Dialect::of(url)?
            && !file.exists()
        {
            return Err(Error::NoDatabase(file.display().to_string()));
        }
        let store = Self::connect(url).await?;
        let known = store.dialect().newest_schema();
        let mut reader = store.reader().acquire().await?;
        let tables = schema::tables(&mut reader, store.dialect()).await?;
        match schema::version(&mut reader, &tables).await? {
            Some(schema) if schema == known => {}
            Some(schema) => {
                return Err(Error::Schema(format!(
                    "its schema is {schema}, and this version's is {known}; back up with the version that serves it"
                )));
            }
            None => return Err(Error::NoDatabase("of Gatehouse at the configured address".to_owned())),
        }
        drop(reader);
        Ok(store)
    }

    /// Writes a backup to `out`, all of one moment, and returns `out`, flushed. Blocks while `out` does: for a command,
    /// which has nothing else to do.
    pub async fn back_up<W: Write>(
        &self,
        label: Label,
        out: W,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<W> {
        let mut tx = self.reader().begin_with(self.dialect().snapshot()).await?;
        // `out` may be slow.
        if let Some(statement) = self.dialect().patience() {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        let tables = schema::tables(&mut tx, self.dialect()).await?;
        let manifest = manifest(&mut tx, self.dialect(), label).await?;
        let mut lines = Lines::new(out);
        lines.write(&Mark::Gatehouse(manifest))?;
        let mut counts = BTreeMap::new();
        for table in tables.into_iter().filter(Table::is_kept) {
            let rows = write_table(&mut tx, &table, &mut lines, progress).await?;
            progress(Progress { table: &table.name, rows, complete: true });
            counts.insert(table.name, rows);
        }
        tx.commit().await?;
        lines.end(counts)
    }
}

async fn manifest(on: &mut AnyConnection, dialect: &Dialect, label: Label) -> Result<Manifest> {
    let feed =
        sqlx::query("SELECT epoch, audit_seq, audit_head FROM feed WHERE id = 1").fetch_one(on).await?;
    let head: Option<Vec<u8>> = feed.get("audit_head")?;
    Ok(Manifest {
        format: FORMAT,
        schema: dialect.newest_schema(),
        version: label.version,
        taken_at: label.taken_at,
        database: dialect.name().to_owned(),
        epoch: feed.get("epoch")?,
        audit_seq: feed.get("audit_seq")?,
        audit_head: head.map(|head| hexadecimal(&head)),
        sealing: label.sealing,
    })
}

async fn write_table<W: Write>(
    on: &mut AnyConnection,
    table: &Table,
    lines: &mut Lines<W>,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64> {
    lines.write(&Mark::Table(TableHead { name: table.name.clone(), columns: table.columns.clone() }))?;
    let select = format!("SELECT {} FROM {}", table.column_list(), table.name);
    let mut rows = sqlx::query(AssertSqlSafe(select)).persistent(false).fetch(on);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        lines.write(&row::cells(&row, &table.columns)?)?;
        count += 1;
        if count % STEP == 0 {
            progress(Progress { table: &table.name, rows: count, complete: false });
        }
    }
    Ok(count)
}

/// Lines on their way through the digest and the compression.
struct Lines<W: Write> {
    out: GzEncoder<W>,
    digest: Sha256,
    line: Vec<u8>,
}

impl<W: Write> Lines<W> {
    fn new(out: W) -> Self {
        // The quickest: rows are mostly ids and hashes, on which more effort is wasted.
        Self { out: GzEncoder::new(out, Compression::fast()), digest: Sha256::new(), line: Vec::new() }
    }

    fn write<T: Serialize>(&mut self, line: &T) -> Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(|error| Error::Unwritten(error.into()))?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.out.write_all(&self.line).map_err(Error::Unwritten)
    }

    fn end(mut self, rows: BTreeMap<String, u64>) -> Result<W> {
        let sha256 = hexadecimal(&self.digest.clone().finalize());
        self.write(&Mark::End(End { rows, sha256 }))?;
        let finish = || -> io::Result<W> {
            let mut out = self.out.finish()?;
            out.flush()?;
            Ok(out)
        };
        finish().map_err(Error::Unwritten)
    }
}
