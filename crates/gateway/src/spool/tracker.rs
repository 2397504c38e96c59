//! Reading segments behind their writers, and knowing of each which attempts still need it.

use super::BATCH;
use super::record::{Kind, Name, decode};
use super::segment::Segment;
use model::usage::UsageRow;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;
/// So many records are read before requests may go first, where they share a core: some tenths of a millisecond.
const STRETCH: usize = 64;

/// Settled rows on their way to the ledger.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<UsageRow>,
    /// The segments that must stay until the rows are there, once for each row that began or ended in one.
    needs: Vec<Arc<Segment>>,
}

/// How far a segment was read, and how many attempts need it.
struct Tail {
    segment: Arc<Segment>,
    /// Bytes read and understood.
    read: u64,
    needed: usize,
    damaged: bool,
}

impl Tail {
    fn of(segment: &Arc<Segment>) -> Self {
        Self { segment: Arc::clone(segment), read: 0, needed: 0, damaged: false }
    }
}

/// The readers of all segments. Bounded by what is under way: one entry for each attempt that isn't settled.
#[derive(Default)]
pub(super) struct Tracker {
    /// By path: the order in which they were made.
    tails: BTreeMap<PathBuf, Tail>,
    /// Where each attempt was opened that nothing has settled yet, and at which byte.
    open: HashMap<Name, (Arc<Segment>, u64)>,
    buffer: Vec<u8>,
}

impl Tracker {
    /// Reads on in `segments` (all there are, oldest first) until `batch` is full; `true`: to the end of what had been
    /// written when this was called. What can't be read is left alone from then on.
    pub(super) fn gather(&mut self, segments: &[Arc<Segment>], batch: &mut Batch) -> io::Result<bool> {
        // Newest first: a settlement that is seen was written after its opening, so that is seen, too.
        let mut ends: Vec<_> =
            segments.iter().rev().map(|segment| (segment, segment.written.load(Ordering::Acquire))).collect();
        ends.reverse();
        for (segment, end) in ends {
            if !self.read(segment, end, batch)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds a row that was settled and is in no segment.
    pub(super) fn settle(&mut self, row: UsageRow, batch: &mut Batch) {
        batch.needs.extend(self.open.remove(&Name::of(&row)).map(|(segment, _)| segment));
        batch.rows.push(row);
    }

    /// The sink has taken these rows: they need no segment any more.
    pub(super) fn release(&mut self, batch: Batch) {
        for segment in batch.needs {
            if let Some(tail) = self.tails.get_mut(&segment.path) {
                tail.needed -= 1;
            }
        }
    }

    /// Forgets and gives the segments that nobody writes, and nothing needs any more.
    pub(super) fn done(&mut self) -> Vec<Arc<Segment>> {
        let done = self.tails.extract_if(.., |_, tail| {
            // In this order: what was written before it was closed is seen.
            let closed = tail.segment.closed.load(Ordering::Acquire);
            // A damaged one stays for people to look at, until the next start has taken what can be read.
            let read = !tail.damaged && tail.read == tail.segment.written.load(Ordering::Acquire);
            closed && read && tail.needed == 0
        });
        done.map(|(_, tail)| tail.segment).collect()
    }

    /// The rows of attempts that nothing has settled.
    pub(super) fn into_open(self) -> io::Result<Vec<UsageRow>> {
        let mut buffer = Vec::new();
        let rows = self.open.into_values().map(|(segment, at)| {
            let end = segment.written.load(Ordering::Acquire);
            buffer.resize(usize::try_from(end - at).unwrap_or(usize::MAX).min(CHUNK), 0);
            segment.file.read_exact_at(&mut buffer, at)?;
            let row = decode(&buffer).and_then(|record| record.row());
            if row.is_none() {
                tracing::error!(file = %segment.path.display(), at, "an open attempt of the usage spool can't be read");
            }
            Ok(row)
        });
        rows.filter_map(Result::transpose).collect()
    }

    /// Reads `segment` on up to `end`; `false`: the batch is full.
    fn read(&mut self, segment: &Arc<Segment>, end: u64, batch: &mut Batch) -> io::Result<bool> {
        let tail = self.tails.entry(segment.path.clone()).or_insert_with(|| Tail::of(segment));
        let (mut chunk, mut records) = (CHUNK, 0_usize);
        while tail.read < end && !tail.damaged {
            let left = usize::try_from(end - tail.read).unwrap_or(usize::MAX);
            self.buffer.resize(left.min(chunk), 0);
            if let Err(error) = segment.file.read_exact_at(&mut self.buffer, tail.read) {
                tail.damaged = true;
                return Err(error);
            }
            let mut at = 0;
            while let Some(record) = decode(&self.buffer[at..]) {
                if batch.rows.len() == BATCH {
                    return Ok(false);
                }
                match record.kind {
                    Kind::Open => {
                        self.open.insert(record.name.clone(), (Arc::clone(segment), tail.read));
                    }
                    Kind::Settled => {
                        let Some(row) = record.row() else { break };
                        batch.needs.extend(self.open.remove(&record.name).map(|(segment, _)| segment));
                        batch.needs.push(Arc::clone(segment));
                        batch.rows.push(row);
                    }
                }
                tail.needed += 1;
                records += 1;
                if records % STRETCH == 0 {
                    std::thread::yield_now();
                }
                tail.read += record.size as u64;
                at += record.size;
            }
            // Not one record in all that: one that is longer, or none.
            if at == 0 && self.buffer.len() < left {
                chunk *= 2;
            } else if at == 0 {
                tail.damaged = true;
                // Where a kill cut a record short, or the disk was full.
                tracing::warn!(file = %segment.path.display(), at = tail.read, "the usage spool ends in damage");
            }
        }
        Ok(true)
    }
}
