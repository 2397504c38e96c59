//! Writing the spool: append to the thread's segment, and fsync each second in a thread of its own.

use crate::inflight::lock;
use model::usage::UsageRow;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

/// A segment is closed at this size.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;
const SYNC_EACH: Duration = Duration::from_secs(1);

/// Which moment of an attempt a line records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Open,
    Settled,
}

impl Kind {
    pub(super) const fn letter(self) -> u8 {
        match self {
            Self::Open => b'O',
            Self::Settled => b'S',
        }
    }
}

/// A file of the spool. Lives as long as it is written to or a row of it isn't in the ledger, then deletes itself.
pub(crate) struct Segment {
    path: PathBuf,
    file: File,
    dirty: AtomicBool,
    /// A row of it didn't reach the ledger: the next start reads it.
    keep: AtomicBool,
}

impl Segment {
    pub(crate) fn keep(&self) {
        self.keep.store(true, Ordering::SeqCst);
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if !self.keep.load(Ordering::SeqCst)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "a spool segment couldn't be deleted; its rows will be offered again");
        }
    }
}

/// The spool's folder and its fsync thread.
pub(crate) struct Spool {
    dir: PathBuf,
    /// Differs from run to run, so that a new segment never meets an old one.
    run: String,
    next: AtomicU64,
    segments: Arc<Mutex<Vec<Weak<Segment>>>>,
    /// Dropping it ends the fsync thread.
    _stop: Sender<()>,
}

impl Spool {
    pub(crate) fn open(dir: &Path, run: String) -> io::Result<Arc<Self>> {
        fs::create_dir_all(dir)?;
        let segments: Arc<Mutex<Vec<Weak<Segment>>>> = Arc::default();
        let (stop, stopped) = channel();
        let watched = Arc::clone(&segments);
        thread::Builder::new()
            .name("spool-sync".into())
            .spawn(move || sync_each_second(&watched, &stopped))?;
        Ok(Arc::new(Self { dir: dir.to_owned(), run, next: AtomicU64::new(0), segments, _stop: stop }))
    }

    fn segment(&self) -> io::Result<Arc<Segment>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{}-{number:06}.{}", self.run, super::replay::EXTENSION));
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        let segment =
            Arc::new(Segment { path, file, dirty: AtomicBool::new(false), keep: AtomicBool::new(false) });
        lock(&self.segments).push(Arc::downgrade(&segment));
        Ok(segment)
    }

    pub(crate) fn sync(&self) {
        sync_dirty(&self.segments);
    }
}

fn sync_each_second(segments: &Mutex<Vec<Weak<Segment>>>, stopped: &Receiver<()>) {
    while stopped.recv_timeout(SYNC_EACH) == Err(RecvTimeoutError::Timeout) {
        sync_dirty(segments);
    }
}

fn sync_dirty(segments: &Mutex<Vec<Weak<Segment>>>) {
    let alive: Vec<_> = {
        let mut list = lock(segments);
        list.retain(|segment| segment.strong_count() > 0);
        list.iter().filter_map(Weak::upgrade).collect()
    };
    for segment in alive {
        if segment.dirty.swap(false, Ordering::SeqCst)
            && let Err(error) = segment.file.sync_data()
        {
            segment.dirty.store(true, Ordering::SeqCst);
            tracing::error!(%error, "the usage spool couldn't be synced to disk");
        }
    }
}

/// One thread's way into the spool.
pub(crate) struct Writer {
    spool: Arc<Spool>,
    state: Mutex<State>,
}

struct State {
    segment: Arc<Segment>,
    written: u64,
    line: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(spool: Arc<Spool>) -> io::Result<Self> {
        let segment = spool.segment()?;
        Ok(Self { spool, state: Mutex::new(State { segment, written: 0, line: Vec::with_capacity(1024) }) })
    }

    /// Writes one record; gives the segment that holds it. It is in the kernel's hands when this returns.
    pub(crate) fn append(&self, kind: Kind, row: &UsageRow) -> io::Result<Arc<Segment>> {
        let mut state = lock(&self.state);
        let State { segment, written, line } = &mut *state;
        if *written >= SEGMENT_BYTES {
            *segment = self.spool.segment()?;
            *written = 0;
        }
        encode(kind, row, line)?;
        if let Err(error) = (&segment.file).write_all(line) {
            // Part of the line may be there: the next record must not be glued to it.
            *written = SEGMENT_BYTES;
            return Err(error);
        }
        segment.dirty.store(true, Ordering::Release);
        *written += line.len() as u64;
        Ok(Arc::clone(segment))
    }
}

/// `O 1a2b3c4d {…}\n`
pub(super) fn encode(kind: Kind, row: &UsageRow, line: &mut Vec<u8>) -> io::Result<()> {
    const HEAD: usize = 11;
    line.clear();
    line.extend_from_slice(&[b' '; HEAD]);
    serde_json::to_writer(&mut *line, row)?;
    let crc = crc32fast::hash(&line[HEAD..]);
    line[0] = kind.letter();
    write!(&mut line[2..10], "{crc:08x}")?;
    line.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::{SinkUnavailable, UsageSink, replay};
    use futures_util::future::{BoxFuture, FutureExt};
    use serde_json::json;

    #[derive(Default)]
    struct Ledger(Arc<Mutex<Vec<UsageRow>>>);

    impl UsageSink for Ledger {
        fn append(&self, rows: Vec<UsageRow>) -> BoxFuture<'static, Result<(), SinkUnavailable>> {
            lock(&self.0).extend(rows);
            async { Ok(()) }.boxed()
        }
    }

    fn row(attempt: u16) -> UsageRow {
        let row = json!({
            "request_id": model::RequestId::generate(|bytes| bytes.fill(7)).as_str(),
            "attempt": attempt,
            "started_at": "2026-03-18T12:00:00Z",
            "key_id": model::KeyId::generate(|bytes| bytes.fill(7)),
            "tenant_id": "default", "user_id": null, "user_path": null,
            "endpoint": "chat.completions", "model": "m", "provider": "p", "upstream_model": "m",
            "streamed": false, "status": 200, "outcome": "completed",
            "input_tokens": u64::MAX, "cached_input_tokens": 0, "output_tokens": 5,
            "token_source": "reported", "cost_usd": "0", "first_byte_micros": null, "total_micros": 1,
            "key_tags": {},
        });
        serde_json::from_value(row).unwrap()
    }

    /// What a disk that was full for a moment leaves: part of a line, and an error.
    fn fail(writer: &Writer) {
        let mut state = lock(&writer.state);
        let path = state.segment.path.clone();
        (&state.segment.file).write_all(b"S 0123abcd {\"request").unwrap();
        state.segment.keep();
        let (dirty, keep) = (AtomicBool::new(false), AtomicBool::new(true));
        state.segment = Arc::new(Segment { file: File::open(&path).unwrap(), path, dirty, keep });
    }

    #[test]
    fn a_torn_line_spoils_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path(), "run".into()).unwrap();
        let writer = Writer::new(spool).unwrap();
        writer.append(Kind::Settled, &row(1)).unwrap().keep();
        fail(&writer);
        assert!(writer.append(Kind::Settled, &row(2)).is_err());
        for attempt in [3, 4] {
            writer.append(Kind::Settled, &row(attempt)).unwrap().keep();
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "one new segment");
        let ledger = Ledger::default();
        let count = replay(dir.path(), &ledger).now_or_never().unwrap().unwrap();
        let mut rows: Vec<_> = lock(&ledger.0).iter().map(|row| row.attempt).collect();
        rows.sort_unstable();
        assert_eq!((count, rows), (3, vec![1, 3, 4]));
        assert!(lock(&ledger.0).iter().all(|row| row.input_tokens == 1_000_000_000_000), "within bounds");
    }
}
