//! What can go wrong, as far as callers act on it.

/// A store's answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store didn't do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another row stands in the way. `email`, `id` or `standard_key`: that is taken; `user`, `key`: it is not there;
    /// `reference`: the row names a user or tenant that is not there; `request`, `idempotency_key`: that key was
    /// given to another request, or to this one before.
    #[error("conflict: {what}")]
    Conflict {
        /// With what.
        what: &'static str,
    },
    /// The cursor is not one that this list gave out, or it is of another order.
    #[error("the cursor is not one of this list")]
    InvalidCursor,
    /// Another process serves this database.
    #[error("the database is in use by {holder}")]
    Locked {
        /// Which: node and process, as far as it can be known.
        holder: String,
    },
    /// The tables are those of an earlier version, and another process serves them.
    #[error(
        "the tables have to be brought up to date for this version, and {holder} uses them: stop it, then try again"
    )]
    Outdated {
        /// Which: node and process, as far as it can be known.
        holder: String,
    },
    /// The database can't be reached or refused the statement.
    #[error("the database can't be used: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A row holds what this program never writes.
    #[error("the database holds a value that can't be read: {what}")]
    Corrupt {
        /// The column.
        what: &'static str,
    },
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Uniqueness never gets here: the inserts that can collide say ON CONFLICT, which leaves a PostgreSQL
        // transaction usable.
        match &error {
            sqlx::Error::Database(database) if database.is_foreign_key_violation() => {
                Self::Conflict { what: "reference" }
            }
            _ => Self::Unavailable(error),
        }
    }
}
