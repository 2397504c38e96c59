//! The gateway's usage sink over the store, and its counters rebuilt from there.

use gateway::{BoxFuture, Gateway, SinkUnavailable, UsageSeed, UsageSink};
use model::Timestamp;
use model::usage::UsageRow;
use std::sync::Arc;
use std::time::Duration;
use store::Store;

/// Appends batches to the ledger.
pub(crate) struct StoreLedger(pub(crate) Store);

impl UsageSink for StoreLedger {
    fn append(&self, rows: Arc<[UsageRow]>) -> BoxFuture<'static, Result<(), SinkUnavailable>> {
        let store = self.0.clone();
        Box::pin(async move {
            store.append_usage(&rows).await.map_err(|error| {
                tracing::error!(%error, rows = rows.len(), "usage can't be written; it stays in the spool");
                SinkUnavailable
            })
        })
    }
}

/// Fills the limits' counters with what the ledger knows of the running windows.
pub(crate) async fn seed_counters(
    gateway: &Gateway,
    store: &Store,
    now: Timestamp,
) -> Result<(), store::Error> {
    let (mut rules, _) = store.access_rules().await?;
    rules.retain(|rule| !rule.rate_limits.is_unlimited());
    gateway.seed_counters(&UsageSeed {
        today: store.usage_by_dims(now.utc_day_start()).await?,
        minute: store.usage_of_requests(now.before(Duration::from_mins(1))).await?,
        rules: rules.into_iter().map(|rule| (rule.id, rule.scope)).collect(),
    });
    Ok(())
}
