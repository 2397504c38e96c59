//! One node per database: a second one finds out at its start, not by serving from counters that don't know of each
//! other.
//!
//! SQLite: a lock of the operating system on a file beside the database, gone with the process however it ends.
//! PostgreSQL: a session's advisory lock on a connection of its own, gone with the connection.

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::fields::Fields;

use sqlx::{AnyConnection, Connection};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// The advisory lock's number: "gatehous" in ASCII. Locks are per database, so other programs' don't meet it.
const LOCK: i64 = 0x6761_7465_686f_7573;

/// The right to serve a database. Given back when dropped.
pub struct NodeLock(Held);

enum Held {
    /// The lock lives as long as the open file.
    File {
        file: File,
    },
    Connection(Box<AnyConnection>),
}

impl NodeLock {
    pub(crate) async fn take(dialect: &Dialect, url: &str, node_id: &str) -> Result<Self> {
        match dialect {
            Dialect::Sqlite { file } => lock_file(file, node_id),
            Dialect::Postgres => lock_session(url, node_id).await,
        }
    }

    /// Gives it back before this returns. A lock that is only dropped PostgreSQL gives back a moment later.
    pub(crate) async fn release(self) -> Result<()> {
        match self.0 {
            Held::File { file } => Ok(file.unlock().map_err(sqlx::Error::Io)?),
            Held::Connection(mut connection) => {
                sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut *connection).await?;
                Ok(connection.close().await?)
            }
        }
    }

    /// Asks whether the lock is still held: a lost connection to PostgreSQL has given it back.
    pub async fn confirm(&mut self) -> Result<()> {
        match &mut self.0 {
            Held::File { .. } => Ok(()),
            Held::Connection(connection) => Ok(connection.ping().await?),
        }
    }
}

fn lock_file(database: &Path, node_id: &str) -> Result<NodeLock> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    // The file stays when the lock is given back: deleting it would let two processes lock two files of one name.
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(path)
        .map_err(sqlx::Error::Io)?;
    match file.try_lock() {
        Ok(()) => {
            write_holder(&mut file, node_id).map_err(sqlx::Error::Io)?;
            Ok(NodeLock(Held::File { file }))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Naming the holder is a courtesy; not being able to read the name changes nothing.
            let _ = file.read_to_string(&mut holder);
            let holder = holder.trim();
            let holder = if holder.is_empty() { "another process" } else { holder };
            Err(Error::Locked { holder: holder.to_owned() })
        }
        Err(TryLockError::Error(error)) => Err(sqlx::Error::Io(error).into()),
    }
}

fn write_holder(file: &mut File, node_id: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "node {node_id}, process {}", std::process::id())?;
    file.flush()
}

async fn lock_session(url: &str, node_id: &str) -> Result<NodeLock> {
    let mut connection = AnyConnection::connect(url).await?;
    // The name that others find in pg_stat_activity.
    let name = format!("gatehouse node {node_id}, process {}", std::process::id());
    sqlx::query("SELECT set_config('application_name', $1, false)")
        .bind(crate::sql::text(&name))
        .execute(&mut connection)
        .await?;
    let taken: bool = sqlx::query("SELECT pg_try_advisory_lock($1) AS taken")
        .bind(LOCK)
        .fetch_one(&mut connection)
        .await?
        .get("taken")?;
    if taken {
        return Ok(NodeLock(Held::Connection(Box::new(connection))));
    }
    // PostgreSQL shows the lock's number in two halves.
    let row = sqlx::query(
        "SELECT a.application_name || COALESCE(' at ' || HOST(a.client_addr), '') AS holder
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
           AND l.database = (SELECT oid FROM pg_database WHERE datname = CURRENT_DATABASE())
           AND ((CAST(CAST(l.classid AS TEXT) AS BIGINT) << 32) | CAST(CAST(l.objid AS TEXT) AS BIGINT)) = $1",
    )
    .bind(LOCK)
    .fetch_optional(&mut connection)
    .await?;
    let holder = match row {
        Some(row) => row.maybe_text("holder")?,
        None => None,
    };
    Err(Error::Locked { holder: holder.unwrap_or_else(|| "another node".to_owned()) })
}
