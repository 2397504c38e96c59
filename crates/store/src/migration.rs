//! Bringing the tables up to date: only while nobody serves them. A program of an earlier version would go on working with
//! tables that it doesn't know.

use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::lock::NodeLock;
use crate::pool::Store;

/// Who holds the lock meanwhile.
const HOLDER: &str = "migration";

impl Store {
    /// Opens `sqlite://path` (file and folder are made when missing) or `postgres://…`, and brings the tables up to
    /// date. If that takes a change while another process serves them, it is [`Error::Outdated`], and nothing has happened.
    pub async fn open(url: &str) -> Result<Self> {
        let store = Self::connect(url).await?;
        if store.is_outdated().await? {
            let lock = store.lock_node(HOLDER).await.map_err(|error| match error {
                Error::Locked { holder } => Error::Outdated { holder },
                other => other,
            })?;
            store.migrate().await?;
            lock.release().await?;
        } else {
            // Changes nothing; says so when the tables are those of a later version.
            store.migrate().await?;
        }
        Ok(store)
    }

    /// Opens it to serve it: takes the lock ([`Store::lock_node`]), and then brings the tables up to date.
    pub async fn open_to_serve(url: &str, node_id: &str) -> Result<(Self, NodeLock)> {
        let store = Self::connect(url).await?;
        let lock = store.lock_node(node_id).await?;
        store.migrate().await?;
        Ok((store, lock))
    }

    pub(crate) async fn migrate(&self) -> Result<()> {
        self.dialect().migrate(self.writer()).await
    }

    /// Whether there are migrations that weren't run here.
    async fn is_outdated(&self) -> Result<bool> {
        let found: i64 =
            sqlx::query(self.dialect().migrations_table()).fetch_one(self.writer()).await?.get("found")?;
        if found == 0 {
            return Ok(true);
        }
        let newest = sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations");
        let newest: Option<i64> = newest.fetch_one(self.writer()).await?.get("version")?;
        Ok(newest.is_none_or(|newest| newest < self.dialect().newest_schema()))
    }
}
