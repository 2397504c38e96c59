//! Backup and restore: all that the program knows, in one file that either database can be made from.
//!
//! The file is a gzip stream of lines of JSON. The first is the manifest. Each table has a line with its name and
//! columns, then a line for each row (an array, bytes in base64), tables before others that refer to them. The last line
//! has the number of rows of each table and the SHA-256 of all bytes before it, so that nothing short of the whole is
//! taken for a backup. Rows are read and written one by one: memory doesn't grow with them.
//!
//! Which tables and columns there are, the database says itself ([`LEFT_OUT`] names the exceptions): a migration that
//! adds one needs nothing here.

mod format;
mod read;
mod restore;
mod row;
mod schema;
mod write;

pub use format::{Label, Manifest, Sealing, SealingKeyText};
pub use read::BackupReader;
pub use restore::{Correction, Restored};

use std::io;

/// Tables that backups don't hold, each with the reason.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("_sqlx_migrations", "migrations make the tables; the manifest says up to which"),
    ("key_tags", "triggers write it from api_keys.tags"),
    ("key_trigrams", "triggers write it: what searches of keys go by"),
    ("links", "a one-time link must not work a second time"),
    ("login_buckets", "a lock-out is of the moment"),
    ("nodes", "who serves the database now"),
    ("sessions", "who was signed in signs in again"),
    ("sign_in_attempts", "a sign-in that is under way is of the moment"),
    ("used_logout_tokens", "sessions, which they end, aren't there either"),
    ("user_trigrams", "triggers write it: what searches of people go by"),
];

/// Columns that backups don't hold, each with the reason. Generated columns never are in one.
pub(crate) const LEFT_OUT_COLUMNS: &[(&str, &str, &str)] = &[
    ("api_keys", "search_id", "triggers number the rows; there is none in PostgreSQL"),
    ("users", "search_id", "triggers number the rows; there is none in PostgreSQL"),
];

/// A result of this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] crate::Error),
    /// There is nothing at the address.
    #[error("there is no database {0}")]
    NoDatabase(String),
    /// The database can't be backed up by this program, or restored to.
    #[error("the database isn't as this version of Gatehouse makes it: {0}")]
    Schema(String),
    /// The backup couldn't be written.
    #[error("the backup can't be written: {0}")]
    Unwritten(#[source] io::Error),
    /// It isn't a whole backup as it was written.
    #[error("this is no backup, or not as it was written: {0}")]
    Damaged(String),
    /// It is a backup that another version has to restore.
    #[error("{0}")]
    OtherVersion(String),
    /// Restoring would mix two installations.
    #[error("a backup is restored into an empty database, and this one has {0}")]
    NotEmpty(String),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// How far it has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The table.
    pub table: &'a str,
    /// Rows of it so far.
    pub rows: u64,
    /// Whether these are all.
    pub complete: bool,
}

/// Told after so many rows of a table, and at its end.
const STEP: u64 = 10_000;
