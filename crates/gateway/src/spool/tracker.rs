//! Reading segments behind their writers, and knowing of each which attempts still need it.

use super::BATCH;
use super::record::{Decoded, Kind, decode};
use super::segment::Segment;
use model::RequestId;
use model::usage::UsageRow;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;

/// A row on its way to the ledger, and the segments that must stay until it is there.
pub(super) struct Settled {
    pub(super) row: UsageRow,
    needs: [Option<Arc<Segment>>; 2],
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

/// The readers of all segments. Bounded by what is under way: one row for each attempt that isn't settled.
#[derive(Default)]
pub(super) struct Tracker {
    /// By path: the order in which they were made.
    tails: BTreeMap<PathBuf, Tail>,
    open: HashMap<(RequestId, u16), (UsageRow, Arc<Segment>)>,
    buffer: Vec<u8>,
}

impl Tracker {
    /// Reads on in `segments` (all there are, oldest first) until `batch` is full; `true`: to the end of what had been
    /// written when this was called. What can't be read is left alone from then on.
    pub(super) fn gather(&mut self, segments: &[Arc<Segment>], batch: &mut Vec<Settled>) -> io::Result<bool> {
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
    pub(super) fn settle(&mut self, row: UsageRow, batch: &mut Vec<Settled>) {
        let opened = self.open.remove(&(row.request_id.clone(), row.attempt)).map(|(_, segment)| segment);
        batch.push(Settled { row, needs: [opened, None] });
    }

    /// The sink has taken these: they need no segment any more.
    pub(super) fn release(&mut self, batch: &mut Vec<Settled>) {
        for segment in batch.drain(..).flat_map(|settled| settled.needs).flatten() {
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

    /// Attempts that nothing has settled.
    pub(super) fn into_open(self) -> impl Iterator<Item = UsageRow> {
        self.open.into_values().map(|(row, _)| row)
    }

    /// Reads `segment` on up to `end`; `false`: the batch is full.
    fn read(&mut self, segment: &Arc<Segment>, end: u64, batch: &mut Vec<Settled>) -> io::Result<bool> {
        let tail = self.tails.entry(segment.path.clone()).or_insert_with(|| Tail::of(segment));
        let mut chunk = CHUNK;
        while tail.read < end && !tail.damaged {
            let left = usize::try_from(end - tail.read).unwrap_or(usize::MAX);
            self.buffer.resize(left.min(chunk), 0);
            if let Err(error) = segment.file.read_exact_at(&mut self.buffer, tail.read) {
                tail.damaged = true;
                return Err(error);
            }
            let mut at = 0;
            while let Decoded::Record(kind, row, size) = decode(&self.buffer[at..]) {
                if batch.len() == BATCH {
                    return Ok(false);
                }
                at += size;
                tail.read += size as u64;
                tail.needed += 1;
                let name = (row.request_id.clone(), row.attempt);
                match kind {
                    Kind::Open => {
                        self.open.insert(name, (*row, Arc::clone(segment)));
                    }
                    Kind::Settled => {
                        let opened = self.open.remove(&name).map(|(_, segment)| segment);
                        batch.push(Settled { row: *row, needs: [opened, Some(Arc::clone(segment))] });
                    }
                }
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
