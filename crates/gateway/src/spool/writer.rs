//! Writing the spool: each data thread appends to a segment of its own.

use super::record::{Kind, encode};
use super::segment::{Segment, Spool};
use crate::inflight::lock;
use model::usage::UsageRow;
use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// A segment is closed at this size.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

/// One thread's way into the spool.
pub(crate) struct Writer {
    spool: Arc<Spool>,
    state: Mutex<State>,
}

struct State {
    segment: Arc<Segment>,
    /// The segment takes nothing more.
    full: bool,
    record: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(spool: Arc<Spool>) -> io::Result<Self> {
        let segment = spool.segment()?;
        let state = Mutex::new(State { segment, full: false, record: Vec::with_capacity(1024) });
        Ok(Self { spool, state })
    }

    /// Records that an attempt is being sent. It is in the kernel's hands when this returns.
    pub(crate) fn open(&self, row: &UsageRow) -> io::Result<()> {
        self.append(Kind::Open, row)
    }

    /// Records how an attempt ended. What the disk refuses goes to the ledger from memory: it can't be more than what
    /// was under way, for without a record of its opening nothing is sent.
    pub(crate) fn settle(&self, row: &UsageRow) {
        // Before it can be read, and counted off.
        self.spool.backlog.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.append(Kind::Settled, row) {
            tracing::error!(%error, "a settlement couldn't be written to the usage spool");
            lock(&self.spool.refused).push(row.clone());
        }
        self.spool.stir();
    }

    /// Makes the next record begin a new segment.
    #[cfg(test)]
    pub(super) fn fill(&self) {
        lock(&self.state).full = true;
    }

    fn append(&self, kind: Kind, row: &UsageRow) -> io::Result<()> {
        let mut state = lock(&self.state);
        let State { segment, full, record } = &mut *state;
        if *full {
            let next = self.spool.segment()?;
            segment.closed.store(true, Ordering::Release);
            (*segment, *full) = (next, false);
        }
        encode(kind, row, record)?;
        if let Err(error) = (&segment.file).write_all(record) {
            // Part of the record may be there: the next one must not be glued to it.
            *full = true;
            return Err(error);
        }
        if !segment.dirty.load(Ordering::Relaxed) {
            segment.dirty.store(true, Ordering::Release);
        }
        let written = segment.written.load(Ordering::Relaxed) + record.len() as u64;
        segment.written.store(written, Ordering::Release);
        *full = written >= SEGMENT_BYTES;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.state).segment.closed.store(true, Ordering::Release);
    }
}
