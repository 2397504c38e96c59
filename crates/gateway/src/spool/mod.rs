//! The usage spool: what was sent and how it ended, on disk before the answer's last byte, in the ledger soon after.
//!
//! One file for each data thread, cut into segments. A record says that an attempt is being sent, with the figures that
//! were reserved for it, or how it was settled. The segments are the only queue there is: the drain reads them behind
//! their writers, sends what was settled to the ledger, and deletes a segment once the ledger has every attempt that
//! began or ended in it. So a ledger that is slow or away costs disk, not memory. After a crash the next start reads
//! what is left in the same way, and settles attempts that nothing settled at their reservation. The sink is idempotent
//! by request id and attempt: what is sent a second time does no harm.

mod drain;
mod record;
mod replay;
mod segment;
#[cfg(test)]
mod tests;
mod tracker;
mod writer;

pub(crate) use drain::drain;
pub(crate) use replay::replay;
pub(crate) use segment::Spool;
pub(crate) use writer::Writer;

use futures_util::future::BoxFuture;
use model::usage::UsageRow;
use std::sync::Arc;

/// Rows offered to the sink at a time.
const BATCH: usize = 1_000;

/// Where ledger rows go: the store, in the server.
pub trait UsageSink: Send + Sync + 'static {
    /// Takes rows, all or none. A row that is there already (same request id and attempt) is left as it is.
    fn append(&self, rows: Arc<[UsageRow]>) -> BoxFuture<'static, Result<(), SinkUnavailable>>;
}

/// The sink couldn't take the rows; they are offered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the usage ledger couldn't be written")]
pub struct SinkUnavailable;
