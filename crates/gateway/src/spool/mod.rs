//! The usage spool: what was sent and how it ended, on disk before the answer's last byte, in the ledger soon after.
//!
//! One file for each data thread, cut into segments. A line is a kind (`O` for an attempt that is being sent, with the
//! figures that were reserved for it; `S` for one that is settled), the CRC-32 of the record, and the record as JSON.
//! A segment goes away once the sink took every row that began or ended in it. The sink is idempotent by request id
//! and attempt, so a segment that outlives its rows does no harm: its rows are sent again at the next start.

mod drain;
mod replay;
mod writer;

pub(crate) use drain::{Pending, Queue, drain};
pub(crate) use replay::replay;
pub(crate) use writer::{Kind, Segment, Spool, Writer};

use futures_util::future::BoxFuture;
use model::usage::UsageRow;

/// Where ledger rows go: the store, in the server.
pub trait UsageSink: Send + Sync + 'static {
    /// Takes rows, all or none. A row that is there already (same request id and attempt) is left as it is.
    fn append(&self, rows: Vec<UsageRow>) -> BoxFuture<'static, Result<(), SinkUnavailable>>;
}

/// The sink couldn't take the rows; they are offered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the usage ledger couldn't be written")]
pub struct SinkUnavailable;
