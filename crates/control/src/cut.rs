//! The receipt of a cut: what it cut is known only after the commit, so it is a second audit row, written right after
//! the change's own.

use crate::{Control, Error};
use model::audit::AuditEntry;
use model::change::Change;
use model::key::CutReceipt;
use serde_json::{Value, json};
use store::Tx;

impl Control {
    /// Like [`Control::commit`], for changes that end running requests: the receipt is written down as `cut`, about the
    /// same object. This row is no mutation's: the mutation has its own, in its transaction.
    pub(crate) async fn commit_cut(
        &self,
        tx: Tx,
        entry: AuditEntry,
        changes: Vec<Change>,
        cut: &'static str,
    ) -> Result<CutReceipt, Error> {
        let tx = self.claimed(tx, &entry).await?;
        let control = self.clone();
        self.finish(async move {
            let epoch = control.commit_claimed(tx, &entry, &changes).await?;
            let receipt = control.0.broadcast.publish(epoch, changes).await;
            let mut detail = json!({ "receipt": receipt });
            if !control.0.broadcast.counts_cuts() {
                detail["receipt"]["requests_cut"] = Value::Null;
            }
            let row = AuditEntry { action: cut, detail: detail.to_string(), at: control.now(), ..entry };
            if let Err(error) = control.record_receipt(&row).await {
                // The requests are cut; only the figures are missing from the log.
                tracing::error!(%error, action = cut, target = row.target_id, ?receipt, "a receipt can't be written");
            }
            Ok(receipt)
        })
        .await?
    }

    async fn record_receipt(&self, row: &AuditEntry) -> Result<(), store::Error> {
        self.store().begin().await?.commit(row, &[]).await.map(drop)
    }
}
