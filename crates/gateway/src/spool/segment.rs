//! The spool's files: made, listed, synced to disk each second, deleted.

use crate::inflight::lock;
use model::usage::UsageRow;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;
use tokio::sync::Notify;

const EXTENSION: &str = "usage";
const SYNC_EACH: Duration = Duration::from_secs(1);

/// A file of the spool.
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// How many bytes of whole records it has. Only grows, and only its writer changes it.
    pub(super) written: AtomicU64,
    /// Nothing more will be written to it.
    pub(super) closed: AtomicBool,
    /// Something was written since the last sync.
    pub(super) dirty: AtomicBool,
}

impl Segment {
    /// A file that an earlier run left.
    pub(super) fn left(path: PathBuf) -> io::Result<Arc<Self>> {
        let file = File::open(&path)?;
        let written = AtomicU64::new(file.metadata()?.len());
        let (closed, dirty) = (AtomicBool::new(true), AtomicBool::new(false));
        Ok(Arc::new(Self { path, file, written, closed, dirty }))
    }

    pub(super) fn delete(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The files in `dir` in the order in which they were made.
pub(super) fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    files.sort_unstable();
    Ok(files)
}

/// The spool's folder, its present segments, and its sync thread.
pub(crate) struct Spool {
    dir: PathBuf,
    /// Differs from run to run, so that a new segment never meets an old one.
    run: String,
    next: AtomicU64,
    segments: Mutex<Vec<Arc<Segment>>>,
    /// Settlements that the disk refused: their openings are in a segment.
    pub(super) refused: Mutex<Vec<UsageRow>>,
    /// Settled rows that the ledger doesn't have.
    pub(super) backlog: AtomicU64,
    /// Something was written that the drain hasn't heard of.
    stirred: AtomicBool,
    pub(super) stir: Notify,
    /// Dropping it ends the sync thread.
    _stop: Sender<()>,
}

impl Spool {
    /// Makes the folder. `run` must be greater than that of every earlier run: names of files tell their order.
    pub(crate) fn open(dir: &Path, run: String) -> io::Result<Arc<Self>> {
        fs::create_dir_all(dir)?;
        let (stop, stopped) = channel();
        let spool = Arc::new(Self {
            dir: dir.to_owned(),
            run,
            next: AtomicU64::new(0),
            segments: Mutex::default(),
            refused: Mutex::default(),
            backlog: AtomicU64::new(0),
            stirred: AtomicBool::new(false),
            stir: Notify::new(),
            _stop: stop,
        });
        let watched = Arc::downgrade(&spool);
        thread::Builder::new()
            .name("spool-sync".into())
            .spawn(move || sync_each_second(&watched, &stopped))?;
        Ok(spool)
    }

    pub(super) fn segment(&self) -> io::Result<Arc<Segment>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{}-{number:06}.{EXTENSION}", self.run));
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(&path)?;
        let (closed, dirty) = (AtomicBool::new(false), AtomicBool::new(false));
        let segment = Arc::new(Segment { path, file, written: AtomicU64::new(0), closed, dirty });
        lock(&self.segments).push(Arc::clone(&segment));
        Ok(segment)
    }

    /// The segments in the order in which they were made.
    pub(super) fn segments(&self) -> Vec<Arc<Segment>> {
        lock(&self.segments).clone()
    }

    /// Deletes a segment that nobody writes or reads any more.
    pub(super) fn delete(&self, segment: &Arc<Segment>) {
        lock(&self.segments).retain(|other| !Arc::ptr_eq(other, segment));
        if let Err(error) = segment.delete() {
            tracing::warn!(%error, "a spool segment couldn't be deleted; its rows will be offered again");
        }
    }

    /// Tells the drain that something was written; cheap when it was told already.
    pub(super) fn stir(&self) {
        if !self.stirred.load(Ordering::Relaxed) && !self.stirred.swap(true, Ordering::SeqCst) {
            self.stir.notify_one();
        }
    }

    /// From now on the drain wants to hear again. To be called before it looks.
    pub(super) fn settle_down(&self) {
        self.stirred.store(false, Ordering::SeqCst);
    }

    /// Settled rows that the ledger doesn't have yet.
    pub(crate) fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }

    pub(crate) fn sync(&self) {
        for segment in self.segments() {
            if segment.dirty.swap(false, Ordering::SeqCst)
                && let Err(error) = segment.file.sync_data()
            {
                segment.dirty.store(true, Ordering::SeqCst);
                tracing::error!(%error, "the usage spool couldn't be synced to disk");
            }
        }
    }
}

fn sync_each_second(spool: &Weak<Spool>, stopped: &Receiver<()>) {
    while stopped.recv_timeout(SYNC_EACH) == Err(RecvTimeoutError::Timeout) {
        let Some(spool) = spool.upgrade() else { return };
        spool.sync();
    }
}
