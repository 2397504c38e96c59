//! Connections to a database, for reading and for writing.

use crate::commit::Tx;
use crate::dialect::{Dialect, Use};
use crate::error::Result;
use crate::last_uses::LastUses;
use crate::lock::NodeLock;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions, Executor};
use std::sync::Arc;
use std::time::Duration;

/// How long a caller waits for a connection. Then the database counts as not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(20);

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    dialect: Dialect,
    writer: AnyPool,
    readers: AnyPool,
    followers: AnyPool,
    last_uses: LastUses,
}

impl Store {
    /// Opens it and leaves the tables as they are.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        dialect.prepare()?;
        let url = dialect.address(url);
        let writer = connect(&url, &dialect, Use::Write).await?;
        // After the writer: a reader can't create the file, nor switch it to WAL.
        let readers = connect(&url, &dialect, Use::Read).await?;
        let followers = connect(&url, &dialect, Use::Follow).await?;
        let last_uses = LastUses::default();
        Ok(Self { inner: Arc::new(Inner { url, dialect, writer, readers, followers, last_uses }) })
    }

    /// Begins a change of the control plane. One runs at a time, on all nodes together: keep it short, hash passwords
    /// before.
    pub async fn begin(&self) -> Result<Tx> {
        Tx::begin(self.writer(), self.dialect()).await
    }

    /// Takes the right to serve this database; a second node gets [`crate::Error::Locked`] with the holder's name.
    /// Held as long as the value lives.
    pub async fn lock_node(&self, node_id: &str) -> Result<NodeLock> {
        NodeLock::take(self.dialect(), &self.inner.url, node_id).await
    }

    /// Closes all connections, once what runs on them has ended.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.followers.close().await;
        self.inner.writer.close().await;
    }

    pub(crate) fn dialect(&self) -> &Dialect {
        &self.inner.dialect
    }

    pub(crate) fn last_uses(&self) -> &LastUses {
        &self.inner.last_uses
    }

    pub(crate) fn reader(&self) -> &AnyPool {
        &self.inner.readers
    }

    /// For what the data plane follows.
    pub(crate) fn follower(&self) -> &AnyPool {
        &self.inner.followers
    }

    pub(crate) fn writer(&self) -> &AnyPool {
        &self.inner.writer
    }
}

async fn connect(url: &str, dialect: &Dialect, purpose: Use) -> Result<AnyPool> {
    let settings = dialect.settings(purpose);
    // Its lines would be whole statements, thousands of placeholders long, beside no word about who asked.
    let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
    let pool = AnyPoolOptions::new()
        .max_connections(dialect.connections(purpose))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(settings)).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}
