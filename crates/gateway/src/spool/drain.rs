//! From the spool to the ledger: batches, with patience, in the background on the control runtime.

use super::UsageSink;
use super::segment::Spool;
use super::tracker::{Batch, Tracker};
use crate::inflight::lock;
use model::usage::UsageRow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

/// From the first record to the first look, so that batches form.
const GATHER: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Once closing, how often the sink is asked before the rows stay in the spool for the next start.
const LAST_TRIES: u32 = 5;
/// Rows waiting on disk from which on the log says so.
const HIGH_WATER: u64 = 50_000;

/// Runs until `closing` and everything is sent.
pub(crate) async fn drain(spool: Arc<Spool>, sink: Arc<dyn UsageSink>, closing: CancellationToken) {
    let mut drain =
        Some(Drain { spool: Arc::clone(&spool), tracker: Tracker::default(), batch: Batch::default() });
    let mut lags = false;
    loop {
        let last = closing.is_cancelled();
        if !last {
            tokio::select! {
                () = spool.stir.notified() => {}
                () = closing.cancelled() => {}
            }
            tokio::select! {
                () = tokio::time::sleep(GATHER) => {}
                () = closing.cancelled() => {}
            }
        }
        spool.settle_down();
        loop {
            let Some((next, complete)) = look(drain.take()).await else { return };
            let drain = drain.insert(next);
            let rows: Arc<[UsageRow]> = std::mem::take(&mut drain.batch.rows).into();
            if !rows.is_empty() {
                if !send(&rows, &*sink, &closing).await {
                    tracing::error!(
                        "the usage ledger couldn't be written; the rows stay in the spool until the next start"
                    );
                    return;
                }
                let sent = rows.len() as u64;
                let backlog = spool.backlog.fetch_sub(sent, Ordering::Relaxed) - sent;
                if backlog > HIGH_WATER && !lags {
                    tracing::warn!(rows = backlog, "the usage ledger lags behind; rows wait in the spool");
                }
                lags = backlog > HIGH_WATER;
            }
            drain.release();
            if complete {
                break;
            }
        }
        if last {
            return;
        }
    }
}

struct Drain {
    spool: Arc<Spool>,
    tracker: Tracker,
    batch: Batch,
}

impl Drain {
    /// Reads what was written; `true`: all of it.
    fn look(&mut self) -> bool {
        // Taken first: when all is read after that, the openings of these are among it.
        let refused = std::mem::take(&mut *lock(&self.spool.refused));
        let complete = self.tracker.gather(&self.spool.segments(), &mut self.batch).unwrap_or_else(|error| {
            tracing::error!(%error, "a segment of the usage spool couldn't be read; it waits for the next start");
            false
        });
        if complete {
            for row in refused {
                self.tracker.settle(row, &mut self.batch);
            }
        } else {
            lock(&self.spool.refused).extend(refused);
        }
        complete
    }

    fn release(&mut self) {
        self.tracker.release(std::mem::take(&mut self.batch));
        for segment in self.tracker.done() {
            self.spool.delete(&segment);
        }
    }
}

/// Reads files where waiting for a disk delays nobody; `None`: the control runtime is going away.
async fn look(drain: Option<Drain>) -> Option<(Drain, bool)> {
    let mut drain = drain?;
    let looked = spawn_blocking(move || {
        let complete = drain.look();
        (drain, complete)
    });
    looked.await.ok()
}

/// Offers the rows until they are taken; `false`: the gateway closes and the sink didn't recover.
async fn send(rows: &Arc<[UsageRow]>, sink: &dyn UsageSink, closing: &CancellationToken) -> bool {
    let mut pause = Duration::from_millis(100);
    let mut last_tries = 0;
    loop {
        let Err(error) = sink.append(Arc::clone(rows)).await else { return true };
        if closing.is_cancelled() {
            last_tries += 1;
            if last_tries == LAST_TRIES {
                return false;
            }
            pause = Duration::from_millis(100);
        }
        tracing::warn!(%error, rows = rows.len(), "will be tried again");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closing.cancelled(), if !closing.is_cancelled() => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
