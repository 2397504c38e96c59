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
    /// What the data plane follows: keys, rules, the change feed. Never behind a page's questions.
    Follow,
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

    /// Its name in a backup's manifest.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres => "postgres",
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
            (_, Use::Follow) => 2,
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
            // 64 MiB of pages: of a million keys, all but the leaves.
            (Self::Sqlite { .. }, Use::Read) => {
                "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -65536;"
            }
            (Self::Sqlite { .. }, Use::Follow) => {
                "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -16384;"
            }
            // A control-plane transaction that stands still would hold up all others.
            (Self::Postgres, Use::Write) => {
                "SET lock_timeout = '15s'; SET idle_in_transaction_session_timeout = '60s';"
            }
            (Self::Postgres, Use::Read | Use::Follow) => {
                // Lists are planned for the values that they are asked for, and for data that is mostly in memory; compiling
                // a statement takes longer than any of ours runs.
                "SET default_transaction_read_only = on; SET idle_in_transaction_session_timeout = '60s'; \
                 SET plan_cache_mode = force_custom_plan; SET random_page_cost = 1.1; SET jit = off;"
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

    /// Put before a column, keeps the planner from choosing an index by a condition on it. SQLite knows nothing of how
    /// many rows fulfil one and would take any equality for rare; PostgreSQL knows.
    pub(crate) fn unindexed(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "+",
            Self::Postgres => "",
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

    /// Run before a million rows are written. Indexes that begin with something random are written all over: SQLite's
    /// usual cache holds a hundredth of them, and each page would go to the disk many times.
    pub(crate) fn bulk(&self) -> &'static [&'static str] {
        match self {
            Self::Sqlite { .. } => &["PRAGMA cache_size = -786432"],
            Self::Postgres => &[],
        }
    }

    /// Run in each transaction that writes very much: it may take its time, nobody waits for it.
    pub(crate) fn patience(&self) -> Option<&'static str> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres => Some("SET LOCAL idle_in_transaction_session_timeout = 0"),
        }
    }

    /// Has the database count what it plans by, after much has changed at once.
    pub(crate) fn analyse(&self) -> &'static [&'static str] {
        match self {
            // SQLite would plan by samples of what happens to be there; the statements are written so that it needs none.
            Self::Sqlite { .. } => &[],
            // VACUUM: what can be read from an index alone is known from then on.
            Self::Postgres => &["VACUUM ANALYZE"],
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
        self.migrator().run(writer).await.map_err(|error| sqlx::Error::from(error).into())
    }

    /// Whether there is the table in which migrations are noted.
    pub(crate) fn migrations_table(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => {
                "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'"
            }
            Self::Postgres => {
                "SELECT COUNT(*) AS found FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')"
            }
        }
    }

    /// The number of the last migration: the schema that this program works with.
    pub(crate) fn newest_schema(&self) -> i64 {
        self.migrator().iter().map(|migration| migration.version).max().unwrap_or(0)
    }

    fn migrator(&self) -> &'static Migrator {
        match self {
            Self::Sqlite { .. } => &SQLITE,
            Self::Postgres => &POSTGRES,
        }
    }

    /// The columns of all tables, those of a table in a row; `generated`: the database fills it by itself.
    pub(crate) fn columns(&self) -> &'static str {
        match self {
            // Shadow tables belong to their virtual one.
            Self::Sqlite { .. } => {
                "SELECT t.name AS table_name, c.name AS column_name, LOWER(c.type) AS kind,
                        CASE WHEN c.hidden IN (2, 3) THEN 1 ELSE 0 END AS generated
                 FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
                 WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND SUBSTR(t.name, 1, 7) <> 'sqlite_'
                 ORDER BY t.name, c.cid"
            }
            Self::Postgres => {
                "SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name,
                        CAST(c.data_type AS TEXT) AS kind,
                        CASE c.is_generated WHEN 'ALWAYS' THEN 1 ELSE 0 END AS generated
                 FROM information_schema.columns c
                 JOIN information_schema.tables t
                   ON t.table_schema = c.table_schema AND t.table_name = c.table_name
                 WHERE c.table_schema = CURRENT_SCHEMA() AND t.table_type = 'BASE TABLE'
                 ORDER BY c.table_name, c.ordinal_position"
            }
        }
    }

    /// Which table refers to which.
    pub(crate) fn references(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => {
                "SELECT t.name AS child, f.\"table\" AS parent
                 FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f
                 WHERE t.schema = 'main' AND t.type = 'table'"
            }
            Self::Postgres => {
                "SELECT CAST(child.relname AS TEXT) AS child, CAST(parent.relname AS TEXT) AS parent
                 FROM pg_constraint k
                 JOIN pg_class child ON child.oid = k.conrelid
                 JOIN pg_class parent ON parent.oid = k.confrelid
                 WHERE k.contype = 'f'
                   AND child.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = CURRENT_SCHEMA())"
            }
        }
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
