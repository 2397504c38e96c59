//! From a key's public id to its compiled snapshot.
//!
//! Bounded; one load at a time for one key; ids that don't exist are remembered briefly and in bounded number.
//! A load that began before a change never installs its result after it: installing and forgetting exclude each
//! other, and forgetting marks the loads under way, which then read again.

use crate::error::{ApiError, Code};
use crate::inflight::lock;
use crate::limits::{Counters, ScopeId};
use crate::metrics::Metrics;
use crate::policy::{KeyPolicy, PolicySource, SourceUnavailable};
use crate::shape::Shapes;
use identity::end_user::KeySources;
use model::KeyId;
use model::change::{Change, Epoch};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;

const UNKNOWN_CAPACITY: usize = 10_000;
const UNKNOWN_FOR: Duration = Duration::from_secs(5);
/// Loads at the same time: made-up ids can't take the store from those who work.
const LOADS: usize = 64;
/// How often a load is begun anew because a change overtook it.
const TRIES: u32 = 20;

#[derive(Clone)]
enum Found {
    Known(Arc<KeyPolicy>),
    Unknown,
    Unavailable,
}

/// A load under way.
#[derive(Default)]
struct Load {
    stale: AtomicBool,
    found: OnceLock<Found>,
    done: Notify,
}

pub(crate) struct Directory {
    known: Cache<KeyId, Arc<KeyPolicy>>,
    unknown: Cache<KeyId, Instant>,
    loads: Mutex<HashMap<KeyId, Arc<Load>>>,
    permits: Semaphore,
    /// Grows with every change: two equal readings mean that nothing was forgotten in between.
    generation: AtomicU64,
    applied: AtomicI64,
    source: Arc<dyn PolicySource>,
    counters: Arc<Counters>,
    shapes: Shapes,
    /// Where the keys of identity tokens come from, shared by all keys that name the same address.
    issuers: KeySources,
    control: Handle,
    tasks: TaskTracker,
}

impl Directory {
    pub(crate) fn new(
        capacity: usize,
        source: Arc<dyn PolicySource>,
        counters: Arc<Counters>,
        control: Handle,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            known: Cache::new(capacity),
            unknown: Cache::new(UNKNOWN_CAPACITY),
            loads: Mutex::default(),
            permits: Semaphore::new(LOADS),
            generation: AtomicU64::new(0),
            applied: AtomicI64::new(0),
            source,
            counters,
            shapes: Shapes::default(),
            issuers: KeySources::default(),
            control,
            tasks,
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Whether `policy` is still what a look-up would give.
    pub(crate) fn is_current(&self, policy: &Arc<KeyPolicy>) -> bool {
        self.known.peek(&policy.key.id).is_some_and(|current| Arc::ptr_eq(&current, policy))
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// The snapshot; `None`: there is no such key.
    pub(crate) async fn find(
        self: &Arc<Self>,
        id: KeyId,
        metrics: &Metrics,
    ) -> Result<Option<Arc<KeyPolicy>>, ApiError> {
        if let Some(policy) = self.known.get(&id) {
            metrics.directory_hits.fetch_add(1, Ordering::Relaxed);
            return Ok(Some(policy));
        }
        if self.unknown.get(&id).is_some_and(|until| Instant::now() < until) {
            return Ok(None);
        }
        metrics.directory_misses.fetch_add(1, Ordering::Relaxed);
        match self.load(id).await {
            Found::Known(policy) => Ok(Some(policy)),
            Found::Unknown => Ok(None),
            Found::Unavailable => Err(Code::StateUnavailable.into()),
        }
    }

    async fn load(self: &Arc<Self>, id: KeyId) -> Found {
        let load = {
            let mut loads = lock(&self.loads);
            if let Some(policy) = self.known.get(&id) {
                return Found::Known(policy);
            }
            Arc::clone(loads.entry(id).or_insert_with(|| {
                let load = Arc::new(Load::default());
                let task = Arc::clone(self).run(id, Arc::clone(&load));
                // On the control runtime: the source's connections live there, and its work mustn't delay tokens.
                self.tasks.spawn_on(task, &self.control);
                load
            }))
        };
        loop {
            let mut done = std::pin::pin!(load.done.notified());
            done.as_mut().enable();
            if let Some(found) = load.found.get() {
                return found.clone();
            }
            done.await;
        }
    }

    async fn run(self: Arc<Self>, id: KeyId, load: Arc<Load>) {
        let _finish = Finish { directory: &self, id, load: &load };
        for attempt in 0..TRIES {
            let permit = self.permits.acquire().await;
            let applied = self.applied.load(Ordering::SeqCst);
            load.stale.store(false, Ordering::SeqCst);
            let answer = self.source.load(id).await;
            drop(permit);
            match answer {
                Err(SourceUnavailable) => break,
                // Read from a replica that lags behind the feed: older than what was applied already.
                Ok(Some(record)) if record.epoch.0 < applied => {
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 5)).await;
                }
                Ok(record) => {
                    let policy = record.map(|record| {
                        let limits = &record.key.scope.rate_limits;
                        let counters = self.counters.of(ScopeId::Key(record.key.id), limits);
                        Arc::new(KeyPolicy::compile(record, counters, &self.shapes, &self.issuers))
                    });
                    if self.install(id, &load, policy) {
                        break;
                    }
                }
            }
        }
    }

    /// Makes the result of a load visible; `false`: a change overtook it.
    fn install(&self, id: KeyId, load: &Load, policy: Option<Arc<KeyPolicy>>) -> bool {
        let mut loads = lock(&self.loads);
        if load.stale.load(Ordering::SeqCst) {
            return false;
        }
        loads.remove(&id);
        let found = if let Some(policy) = policy {
            self.known.insert(id, Arc::clone(&policy));
            Found::Known(policy)
        } else {
            self.unknown.insert(id, Instant::now() + UNKNOWN_FOR);
            Found::Unknown
        };
        load.found.set(found).is_ok()
    }

    /// Drops what `changes` made stale. After this no request finds a snapshot read before `epoch` of what changed.
    pub(crate) fn forget(&self, epoch: Epoch, changes: &[Change]) {
        let loads = lock(&self.loads);
        for change in changes {
            match change {
                Change::Key { id }
                | Change::KeyRevoked { id }
                | Change::KeyRotated { id, .. }
                | Change::KeyEnds { id, .. } => {
                    if let Some(load) = loads.get(id) {
                        load.stale.store(true, Ordering::SeqCst);
                    }
                    self.unknown.remove(id);
                    self.known.remove_if(id, |policy| policy.epoch < epoch);
                }
                Change::User { .. } | Change::Tenant { .. } => {
                    // Whose keys are being loaded isn't known yet.
                    for load in loads.values() {
                        load.stale.store(true, Ordering::SeqCst);
                    }
                    self.known.retain(|_, policy| policy.epoch >= epoch || !policy.concerned_by(change));
                }
                Change::Catalog | Change::AccessRules => {}
            }
        }
        self.applied.fetch_max(epoch.0, Ordering::SeqCst);
        // Last: whoever reads the new generation finds nothing of the old state any more. Were it counted first, a
        // request could read it, still find the old snapshot, and register after the cut.
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Everything up to `epoch` has been applied.
    pub(crate) fn confirm(&self, epoch: Epoch) {
        self.applied.fetch_max(epoch.0, Ordering::SeqCst);
    }
}

/// Ends a load: also one whose source panicked, or whose runtime is going away, must not leave its waiters waiting.
struct Finish<'a> {
    directory: &'a Directory,
    id: KeyId,
    load: &'a Load,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        if self.load.found.set(Found::Unavailable).is_ok() {
            lock(&self.directory.loads).remove(&self.id);
        }
        self.load.done.notify_waiters();
    }
}
