//! The nodes that serve this database and how far each has followed the change feed.

use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::text;
use model::Timestamp;
use model::change::Epoch;

/// A node as it last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// Its name.
    pub id: String,
    /// The last change that it has applied.
    pub epoch: Epoch,
    /// When it said so.
    pub seen_at: Timestamp,
}

impl Store {
    /// Says that this node is alive and has applied every change up to `epoch`.
    pub async fn heartbeat(&self, node_id: &str, epoch: Epoch, now: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO nodes (id, epoch, seen_at) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, seen_at = excluded.seen_at",
        )
        .bind(text(node_id))
        .bind(epoch.0)
        .bind(now.as_micros())
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// All nodes, by name.
    pub async fn nodes(&self) -> Result<Vec<NodeRow>> {
        sqlx::query("SELECT id, epoch, seen_at FROM nodes ORDER BY id")
            .fetch_all(self.reader())
            .await?
            .iter()
            .map(|row| {
                Ok(NodeRow {
                    id: row.text("id")?,
                    epoch: Epoch(row.get("epoch")?),
                    seen_at: row.time("seen_at")?,
                })
            })
            .collect()
    }

    /// Takes a node off the list: it has ended.
    pub async fn remove_node(&self, node_id: &str) -> Result<()> {
        sqlx::query("DELETE FROM nodes WHERE id = $1").bind(text(node_id)).execute(self.writer()).await?;
        Ok(())
    }
}
