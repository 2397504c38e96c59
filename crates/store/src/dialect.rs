//! Where the two databases differ: settings of a connection, how a transaction begins, migrations, notification.

use crate::error::{Error, Result};
use sqlx::AnyPool;
use sqlx::any::AnyConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite { file: PathBuf },
    Postgres,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Write,
}

impl Dialect {
    pub(crate) fn of(url: &str) -> Result<Self> {
        let options: AnyConnectOptions = url.parse()?;
        match options.database_url.scheme() {
            "sqlite" => {
                let file = SqliteConnectOptions::try_from(&options)?.get_filename().to_owned();
                // Each connection would have a database of its own.
                if file.starts_with("file:") || url.contains(":memory:") {
                    return Err(configuration("an in-memory SQLite database can't be used: name a file"));
                }
                Ok(Self::Sqlite { file })
            }
            "postgres" | "postgresql" => Ok(Self::Postgres),
            // The address isn't repeated: it can hold a password.
            _ => Err(configuration("the database address must begin with sqlite:// or postgres://")),
        }
    }

    /// The address to connect to: a SQLite file that isn't there yet is made, unless the address says otherwise.
    pub(crate) fn address(&self, url: &str) -> String {
        match self {
            Self::Sqlite { .. } if !url.contains("mode=") => {
                let joint = if url.contains('?') { '&' } else { '?' };
                format!("{url}{joint}mode=rwc")
            }
            _ => url.to_owned(),
        }
    }

    /// Most connections at a time. SQLite has one writer by nature; waiting for it here is fair and never "busy".
    pub(crate) fn connections(&self, purpose: Use) -> u32 {
        match (self, purpose) {
            (Self::Sqlite { .. }, Use::Write) => 1,
            (Self::Sqlite { .. }, Use::Read) | (Self::Postgres, Use::Write) => 4,
            (Self::Postgres, Use::Read) => 8,
        }
    }

    /// Run on each new connection.
    pub(crate) fn settings(&self, purpose: Use) -> &'static str {
        match (self, purpose) {
            // FULL: a revocation that was answered must not come back after a power loss.
            (Self::Sqlite { .. }, Use::Write) => {
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON;"
            }
            (Self::Sqlite { .. }, Use::Read) => "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;",
            // A control-plane transaction that stands still would hold up all others.
            (Self::Postgres, Use::Write) => {
                "SET lock_timeout = '15s'; SET idle_in_transaction_session_timeout = '60s';"
            }
            (Self::Postgres, Use::Read) => {
                "SET default_transaction_read_only = on; SET idle_in_transaction_session_timeout = '60s';"
            }
        }
    }

    /// Whether long statements number their placeholders. PostgreSQL wants it; SQLite looks each numbered one up in a
    /// list of all of them, which for some thousands is most of the work.
    pub(crate) fn numbers_placeholders(&self) -> bool {
        *self == Self::Postgres
    }

    /// Begins a transaction that writes. IMMEDIATE: taking the write lock later could fail halfway.
    pub(crate) fn begin(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// What makes control-plane transactions run one after the other; SQLite's write lock does by itself.
    pub(crate) fn serialise(&self) -> Option<&'static str> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres => Some("SELECT epoch FROM feed WHERE id = 1 FOR UPDATE"),
        }
    }

    /// Begins a transaction whose reads all see one moment.
    pub(crate) fn snapshot(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Tells other nodes, at commit, that the feed has grown. Without a payload: they read the feed.
    pub(crate) fn notify(&self) -> Option<&'static str> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres => Some("NOTIFY gatehouse_changes"),
        }
    }

    /// Makes the folder of a SQLite file, for this user's eyes only: password hashes will lie in it.
    pub(crate) fn prepare(&self) -> Result<()> {
        let Self::Sqlite { file } = self else { return Ok(()) };
        match file.parent().filter(|folder| *folder != Path::new("")) {
            Some(folder) => Ok(private_folders().create(folder).map_err(sqlx::Error::Io)?),
            None => Ok(()),
        }
    }

    pub(crate) async fn migrate(&self, writer: &AnyPool) -> Result<()> {
        let migrator = match self {
            Self::Sqlite { .. } => &SQLITE,
            Self::Postgres => &POSTGRES,
        };
        migrator.run(writer).await.map_err(|error| sqlx::Error::from(error).into())
    }
}

fn configuration(message: &'static str) -> Error {
    Error::Unavailable(sqlx::Error::Configuration(message.into()))
}

fn private_folders() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
