//! The spool against a ledger in memory: what reaches it, and which files stay meanwhile.

use super::record::{Kind, decode, encode};
use super::segment::files;
use super::*;
use crate::inflight::lock;
use futures_util::future::FutureExt;
use model::usage::{Outcome, TokenSource};
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[derive(Default)]
struct Ledger {
    rows: Mutex<Vec<UsageRow>>,
    down: AtomicBool,
}

struct Sink(Arc<Ledger>);

impl UsageSink for Sink {
    fn append(&self, rows: Arc<[UsageRow]>) -> BoxFuture<'static, Result<(), SinkUnavailable>> {
        let down = self.0.down.load(SeqCst);
        if !down {
            lock(&self.0.rows).extend_from_slice(&rows);
        }
        async move { if down { Err(SinkUnavailable) } else { Ok(()) } }.boxed()
    }
}

fn row(attempt: u16) -> UsageRow {
    let row = json!({
        "request_id": model::RequestId::generate(|bytes| bytes.fill(7)).as_str(),
        "attempt": attempt,
        "started_at": "2026-03-18T12:00:00Z",
        "key_id": model::KeyId::generate(|bytes| bytes.fill(7)),
        "tenant_id": "default", "user_id": null, "user_path": "/a/b",
        "endpoint": "chat.completions", "model": "m", "provider": "p", "upstream_model": "m",
        "streamed": false, "status": 200, "outcome": "interrupted",
        "input_tokens": u64::MAX, "cached_input_tokens": 0, "output_tokens": 5,
        "token_source": "estimated", "cost_usd": "0.0015", "first_byte_micros": null, "total_micros": 1,
        "key_tags": {"team": "a"},
    });
    serde_json::from_value(row).unwrap()
}

fn settled(attempt: u16) -> UsageRow {
    UsageRow { outcome: Outcome::Completed, token_source: TokenSource::Reported, ..row(attempt) }
}

fn spool(dir: &Path) -> Arc<Spool> {
    Spool::open(dir, "run".into()).unwrap()
}

/// Attempt and outcome of what a start finds in `dir`.
fn replayed(dir: &Path) -> Vec<(u16, Outcome)> {
    let ledger = Arc::<Ledger>::default();
    let count = replay(dir, &Sink(ledger.clone())).now_or_never().unwrap().unwrap();
    let mut rows: Vec<_> = lock(&ledger.rows).iter().map(|row| (row.attempt, row.outcome)).collect();
    rows.sort_unstable_by_key(|(attempt, _)| *attempt);
    assert_eq!(count, rows.len());
    assert!(files(dir).unwrap().is_empty(), "what was replayed is deleted");
    rows
}

/// What a kill, or a disk that was full for a moment, leaves at the end of the newest segment.
fn tear(dir: &Path) {
    let mut record = Vec::new();
    encode(Kind::Settled, &row(99), &mut record).unwrap();
    let newest = files(dir).unwrap().pop().unwrap();
    OpenOptions::new().append(true).open(newest).unwrap().write_all(&record[..record.len() - 3]).unwrap();
}

#[test]
fn a_record_is_the_row_to_the_microsecond() {
    let given = UsageRow { started_at: model::Timestamp::from_micros(1_234_567), ..settled(3) };
    let mut record = Vec::new();
    encode(Kind::Open, &given, &mut record).unwrap();
    let decoded = decode(&record).unwrap();
    assert_eq!((decoded.kind, decoded.size), (Kind::Open, record.len()));
    let mut read = decoded.row().unwrap();
    assert_eq!(read.input_tokens, 1_000_000_000_000, "within bounds");
    read.input_tokens = given.input_tokens;
    assert_eq!(read, given);
    for at in 0..record.len() {
        assert!(decode(&record[..at]).is_none(), "cut at {at}");
        let mut damaged = record.clone();
        damaged[at] ^= 0x10;
        assert!(decode(&damaged).is_none(), "damaged at {at}");
    }
}

/// A spool that this version left must be readable by the next one.
#[test]
fn what_was_written_once_is_read_for_ever() {
    let written = [
        "738e00000053576c51dc001cba7265715f3737373737373737373737373737373737373737373702cf00064d4b30fc7000ac",
        "373737373737373737373737a764656661756c74c0a42f612f6201c0c0b0636861742e636f6d706c6574696f6e73a16da170",
        "a16dc2ccc8a9636f6d706c65746564cfffffffffffffffff00000500a87265706f72746564cd05dcc00181a47465616da161",
        "80",
    ]
    .concat();
    let byte = |at: usize| u8::from_str_radix(&written[at..at + 2], 16).unwrap();
    let written: Vec<u8> = (0..written.len()).step_by(2).map(byte).collect();
    let read = decode(&written).unwrap();
    let mut given = settled(2);
    crate::settle::clamp(&mut given);
    assert_eq!((read.kind, read.row()), (Kind::Settled, Some(given)));
}

#[test]
fn a_torn_record_spoils_no_other() {
    let dir = tempfile::tempdir().unwrap();
    for run in ["run-1", "run-2"] {
        let writer = Writer::new(Spool::open(dir.path(), run.into()).unwrap()).unwrap();
        let first = if run == "run-1" { 1 } else { 3 };
        writer.settle(&settled(first));
        writer.open(&row(first + 1)).unwrap();
        drop(writer);
        tear(dir.path());
    }
    let (done, open) = (Outcome::Completed, Outcome::Interrupted);
    assert_eq!(replayed(dir.path()), [(1, done), (2, open), (3, done), (4, open)]);
}

#[test]
fn settled_wins_over_open_also_in_another_segment() {
    let dir = tempfile::tempdir().unwrap();
    let first = Writer::new(spool(dir.path())).unwrap();
    first.open(&row(1)).unwrap();
    drop(first);
    // As a second writer's segment would stand beside it.
    let second = Writer::new(Spool::open(dir.path(), "run-2".into()).unwrap()).unwrap();
    second.settle(&settled(1));
    assert_eq!(replayed(dir.path()), [(1, Outcome::Completed)]);
}

struct Draining {
    dir: tempfile::TempDir,
    spool: Arc<Spool>,
    ledger: Arc<Ledger>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Draining {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (spool, ledger) = (spool(dir.path()), Arc::<Ledger>::default());
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(drain(Arc::clone(&spool), Arc::new(Sink(ledger.clone())), closing.clone()));
        Self { dir, spool, ledger, closing, tasks }
    }

    async fn rows(&self, count: usize) {
        for _ in 0..500 {
            if lock(&self.ledger.rows).len() == count && self.spool.backlog() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} rows, backlog {}", lock(&self.ledger.rows).len(), self.spool.backlog());
    }

    fn files(&self) -> usize {
        files(self.dir.path()).unwrap().len()
    }

    async fn end(&self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[tokio::test]
async fn segments_go_once_nothing_of_them_is_missing_in_the_ledger() {
    let draining = Draining::start();
    let writer = Writer::new(Arc::clone(&draining.spool)).unwrap();
    writer.open(&row(1)).unwrap();
    // Enough for several segments.
    for attempt in 2..20_002 {
        writer.open(&row(attempt)).unwrap();
        writer.settle(&settled(attempt));
    }
    draining.rows(20_000).await;
    assert_eq!(draining.files(), 2, "the first has an open attempt, the last is being written");
    writer.settle(&settled(1));
    draining.rows(20_001).await;
    drop(writer);
    draining.end().await;
    assert_eq!(draining.files(), 0);
    let rows = lock(&draining.ledger.rows);
    assert!(rows.iter().all(|row| row.outcome == Outcome::Completed));
}

#[tokio::test]
async fn what_a_ledger_refuses_stays_for_the_next_start() {
    let draining = Draining::start();
    draining.ledger.down.store(true, SeqCst);
    let writer = Writer::new(Arc::clone(&draining.spool)).unwrap();
    for attempt in [1, 2] {
        writer.open(&row(attempt)).unwrap();
    }
    writer.settle(&settled(1));
    drop(writer);
    draining.end().await;
    assert_eq!(replayed(draining.dir.path()), [(1, Outcome::Completed), (2, Outcome::Interrupted)]);
}

#[tokio::test]
async fn a_settlement_that_the_disk_refused_goes_to_the_ledger_all_the_same() {
    let draining = Draining::start();
    let writer = Writer::new(Arc::clone(&draining.spool)).unwrap();
    writer.open(&row(1)).unwrap();
    // No further segment can be made once the folder is gone, and the present one is full.
    writer.fill();
    let kept = draining.dir.path().with_extension("kept");
    fs::rename(draining.dir.path(), &kept).unwrap();
    assert!(writer.open(&row(2)).is_err());
    writer.settle(&settled(1));
    draining.rows(1).await;
    fs::rename(&kept, draining.dir.path()).unwrap();
    drop(writer);
    draining.end().await;
    assert_eq!(draining.files(), 0, "nothing of it is missing");
}
