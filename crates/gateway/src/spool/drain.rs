//! From the spool to the ledger: batches, with patience, in the background on the control runtime.

use super::{Segment, UsageSink};
use model::usage::UsageRow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

const BATCH: usize = 500;
const GATHER: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Once closing, how often the sink is asked before the rows stay in the spool for the next start.
const LAST_TRIES: u32 = 5;
/// Rows waiting in memory from which on the log says so. They are on disk in any case.
const HIGH_WATER: u64 = 50_000;

/// A settled row on its way, holding on to the segments that record it.
pub(crate) struct Pending {
    pub(crate) row: UsageRow,
    /// Where its opening and its settlement are recorded; the latter is `None` when the disk refused it.
    pub(crate) segments: (Arc<Segment>, Option<Arc<Segment>>),
    pub(crate) committed: bool,
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.committed {
            self.segments.0.keep();
            if let Some(segment) = &self.segments.1 {
                segment.keep();
            }
        }
    }
}

/// The data threads' end.
pub(crate) struct Queue {
    sender: UnboundedSender<Pending>,
    pub(crate) backlog: Arc<AtomicU64>,
}

impl Queue {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Pending>) {
        let (sender, receiver) = unbounded_channel();
        (Self { sender, backlog: Arc::default() }, receiver)
    }

    pub(crate) fn push(&self, pending: Pending) {
        if self.backlog.fetch_add(1, Ordering::Relaxed) + 1 == HIGH_WATER {
            tracing::warn!(
                rows = HIGH_WATER,
                "the usage ledger lags behind; rows wait in memory and in the spool"
            );
        }
        // Fails only after the drain ended; then the row is in the spool for the next start.
        let _ = self.sender.send(pending);
    }
}

/// Runs until `closing` and everything is sent.
pub(crate) async fn drain(
    mut receiver: UnboundedReceiver<Pending>,
    backlog: Arc<AtomicU64>,
    sink: Arc<dyn UsageSink>,
    closing: CancellationToken,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            count = receiver.recv_many(&mut batch, BATCH) => if count == 0 { return },
            () = closing.cancelled() => return,
        }
        if batch.len() < BATCH {
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = closing.cancelled() => {}
            }
            while batch.len() < BATCH
                && let Ok(pending) = receiver.try_recv()
            {
                batch.push(pending);
            }
        }
        if !send(&batch, &*sink, &closing).await {
            tracing::error!(
                "the usage ledger couldn't be written; the rows stay in the spool until the next start"
            );
            return;
        }
        for pending in &mut batch {
            pending.committed = true;
        }
        backlog.fetch_sub(batch.len() as u64, Ordering::Relaxed);
        batch.clear();
    }
}

/// Offers the rows until they are taken; `false`: the gateway closes and the sink didn't recover.
async fn send(batch: &[Pending], sink: &dyn UsageSink, closing: &CancellationToken) -> bool {
    let mut pause = Duration::from_millis(100);
    let mut last_tries = 0;
    loop {
        let rows = batch.iter().map(|pending| pending.row.clone()).collect();
        let Err(error) = sink.append(rows).await else { return true };
        if closing.is_cancelled() {
            last_tries += 1;
            if last_tries == LAST_TRIES {
                return false;
            }
            pause = Duration::from_millis(100);
        }
        tracing::warn!(%error, rows = batch.len(), "will be tried again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closing.cancelled(), if !closing.is_cancelled() => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
