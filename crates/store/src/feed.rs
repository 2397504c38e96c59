//! The change feed, for nodes that follow it.

use crate::error::Result;
use crate::fields::Fields;
use crate::pool::Store;
use model::change::{Epoch, FeedEntry};

impl Store {
    /// The newest position.
    pub async fn epoch(&self) -> Result<Epoch> {
        let row = sqlx::query("SELECT epoch FROM feed WHERE id = 1").fetch_one(self.follower()).await?;
        Ok(Epoch(row.get("epoch")?))
    }

    /// The changes after `after`, in order, at most `limit`.
    pub async fn changes_after(&self, after: Epoch, limit: u16) -> Result<Vec<FeedEntry>> {
        sqlx::query("SELECT epoch, change FROM changes WHERE epoch > $1 ORDER BY epoch LIMIT $2")
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(self.follower())
            .await?
            .iter()
            .map(|row| Ok(FeedEntry { epoch: Epoch(row.get("epoch")?), change: row.json("change")? }))
            .collect()
    }
}
