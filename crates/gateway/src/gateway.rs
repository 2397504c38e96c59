//! The gateway as the server sees it: start, changes, figures, drain.

#[cfg(test)]
mod races;

use crate::access::AccessRules;
use crate::bodies::Bodies;
use crate::catalog::{Catalog, Target};
use crate::config::GatewayConfig;
use crate::crowd::Crowd;
use crate::directory::Directory;
use crate::handover::Fallback;
use crate::inflight::{Inflight, lock};
use crate::limits::{Counters, UsageSeed};
use crate::listener::{self, Signals};
use crate::metrics::{Metrics, MetricsSnapshot};
use crate::policy::PolicySource;
use crate::probe::{Probe, probe};
use crate::service::{Shared, Worker};
use crate::spool::{self, Spool, UsageSink, Writer};
use crate::upstream::{Upstreams, tls};
use arc_swap::ArcSwap;
use model::access::AccessRule;
use model::catalog::TargetHealth;
use model::change::{Change, Epoch};
use model::time::{Clock, Entropy};
use model::{KeyId, ModelName, ProviderName, Timestamp};
use rustls::ClientConfig;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often expired keys, and clients that take nothing, are looked for among running requests.
const EXPIRY_TICK: Duration = Duration::from_millis(100);
/// How long the last rows may take on their way to the ledger; they are in the spool in any case.
const FLUSH_WITHIN: Duration = Duration::from_secs(10);
/// Receipts kept, for a change that is applied a second time.
const RECEIPTS: usize = 1_024;

/// What the gateway needs of the outside.
pub struct Deps {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes, for request ids.
    pub entropy: Arc<dyn Entropy>,
    /// Where keys are looked up.
    pub policies: Arc<dyn PolicySource>,
    /// Where usage goes.
    pub sink: Arc<dyn UsageSink>,
    /// The control runtime, and who answers there.
    pub fallback: Fallback,
}

/// Why the gateway couldn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// What an earlier run left in the spool couldn't be sent to the ledger; it is still there.
    #[error("{0}")]
    Replay(String),
    /// The spool can't be written, or a thread not be started.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// TLS can't be set up.
    #[error("can't set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// What a change ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CutReceipt {
    /// Requests that were cut by this change, whoever applied it first.
    pub requests_cut: u64,
    /// How long it took until all of them had ended, in microseconds.
    pub micros: u64,
}

/// A running data plane.
pub struct Gateway {
    shared: Arc<Shared>,
    address: SocketAddr,
    signals: Signals,
    /// Ends the drain of the spool.
    closing: CancellationToken,
    threads: Mutex<Vec<oneshot::Receiver<()>>>,
    spool: Arc<Spool>,
    tls: ClientConfig,
    receipts: Arc<Mutex<VecDeque<(Epoch, u64)>>>,
}

impl Gateway {
    /// Replays the spool into the sink, then listens. No key is accepted before the first [`Self::confirm`].
    pub async fn start(config: GatewayConfig, deps: Deps) -> Result<Self, StartError> {
        let replayed = spool::replay(&config.spool_dir, &*deps.sink)
            .await
            .map_err(|error| StartError::Replay(error.to_string()))?;
        if replayed > 0 {
            tracing::info!(rows = replayed, "usage of an earlier run was taken over from the spool");
        }
        let spool = Spool::open(&config.spool_dir, format!("{:020}", deps.clock.now().as_micros()))?;
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        let count = if config.threads == 0 { cores() } else { config.threads };
        let (listeners, address) = listener::bind(config.listen, count)
            .map_err(|error| StartError::Listen { address: config.listen, error })?;
        let tls = tls()?;

        let control = deps.fallback.control.clone();
        let tasks = TaskTracker::new();
        let counters = Arc::new(Counters::default());
        let closing = CancellationToken::new();
        tasks.spawn_on(spool::drain(Arc::clone(&spool), deps.sink, closing.clone()), &control);
        let directory = Directory::new(
            config.directory_capacity,
            deps.policies,
            Arc::clone(&counters),
            control.clone(),
            tasks.clone(),
        );
        let bodies = Bodies::new(config.body_memory_bytes, config.max_body_bytes);
        let shared = Arc::new(Shared {
            config,
            clock: deps.clock,
            entropy: deps.entropy,
            directory: Arc::new(directory),
            counters,
            catalog: ArcSwap::default(),
            access: ArcSwap::default(),
            inflight: Inflight::new(count),
            bodies,
            metrics: (0..count).map(|_| Arc::new(Metrics::new())).collect(),
            fallback: deps.fallback,
            tasks: tasks.clone(),
            started: Instant::now(),
            confirmed: AtomicU64::new(0),
            #[cfg(test)]
            looked_up: std::sync::OnceLock::new(),
        });
        let signals = Signals::default();
        let crowd = listener::crowd(&shared.config);
        tasks.spawn_on(end_expired(Arc::clone(&shared), closing.clone()), &control);
        let mut threads = Vec::with_capacity(count);
        for (index, listener) in listeners.into_iter().enumerate() {
            let worker = Arc::new(Worker {
                index,
                metrics: Arc::clone(&shared.metrics[index]),
                spool: Writer::new(Arc::clone(&spool))?,
                upstreams: Upstreams::new(&shared.config, &tls),
                shared: Arc::clone(&shared),
            });
            threads.push(spawn(worker, listener, Arc::clone(&crowd), signals.clone())?);
        }
        let receipts = Arc::default();
        Ok(Self { shared, address, signals, closing, threads: Mutex::new(threads), spool, tls, receipts })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Replaces providers and models. Running requests go on with what they began with.
    pub fn set_catalog(&self, mut catalog: Catalog) {
        catalog.adopt(&self.shared.catalog.load());
        self.shared.catalog.store(Arc::new(catalog));
    }

    /// Replaces the access rules. Running requests go on with what they began with.
    pub fn set_access_rules(&self, rules: Vec<AccessRule>) {
        self.shared.access.store(Arc::new(AccessRules::compile(rules, &self.shared.counters)));
    }

    /// Tests a provider's address and credential; `None`: there is no such provider, or it can't be used at all.
    pub async fn probe(&self, provider: &ProviderName) -> Option<Probe> {
        let upstream = Arc::clone(self.shared.catalog.load().upstream(provider)?);
        Some(probe(&upstream, &self.shared.config, &self.tls).await)
    }

    /// How the targets of a model are, in its order; empty when there is no such model.
    pub fn target_health(&self, model: &ModelName) -> Vec<TargetHealth> {
        let catalog = self.shared.catalog.load();
        let now = self.shared.clock.now();
        let targets = catalog.route(model.as_str()).map(|route| &route.targets);
        targets.into_iter().flatten().map(|target| health(target, now)).collect()
    }

    /// What the ledger knows of the present UTC day and the last minute: once, after the start and before the first
    /// [`Self::confirm`].
    pub fn seed_counters(&self, seed: &UsageSeed) {
        self.shared.counters.seed(self.shared.clock.now(), seed);
    }

    /// The database answered, and everything up to `epoch` has been applied here. To be called at least once within
    /// each `state_bound`; otherwise requests are refused.
    pub fn confirm(&self, epoch: Epoch) {
        self.shared.directory.confirm(epoch);
        self.shared.confirm();
    }

    /// Forgets what one commit's `changes` made stale and cuts what they end. When this returns, no new request passes
    /// on the old state and every request that was to be cut has ended. Applying a change again does no harm, and
    /// gives the same receipt. For [`Change::Catalog`] call [`Self::set_catalog`].
    pub async fn apply(&self, epoch: Epoch, changes: &[Change]) -> CutReceipt {
        let begun = Instant::now();
        let (shared, receipts, changes) =
            (Arc::clone(&self.shared), Arc::clone(&self.receipts), changes.to_vec());
        // In a task of its own: a caller that goes away must not leave a cut half done.
        let cut = self.shared.tasks.spawn_on(
            async move {
                let (cutting, total) = {
                    // Held over the telling, so that who applies the same change meanwhile sees this one's figure.
                    let mut receipts = lock(&receipts);
                    shared.directory.forget(epoch, &changes);
                    let cutting = shared.inflight.cut(epoch, &changes);
                    let total = remember(&mut receipts, epoch, cutting.told);
                    (cutting, total)
                };
                cutting.finish().await;
                total
            },
            &self.shared.fallback.control,
        );
        let requests_cut = cut.await.unwrap_or_default();
        CutReceipt { requests_cut, micros: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX) }
    }

    /// Requests that are running now.
    pub fn live_requests(&self) -> u64 {
        self.shared.inflight.live()
    }

    /// Requests of one key that are running now.
    pub fn running(&self, key: &KeyId) -> u64 {
        self.shared.inflight.of(key)
    }

    /// What was counted since the start.
    pub fn metrics(&self) -> MetricsSnapshot {
        let mut sum = MetricsSnapshot::zero();
        for thread in &self.shared.metrics {
            thread.add_to(&mut sum);
        }
        sum.live_requests = self.live_requests();
        sum.requests_cut = self.shared.inflight.cut_so_far();
        sum.spool_backlog = self.spool.backlog();
        sum.directory_entries = self.shared.directory.len() as u64;
        sum
    }

    /// Accepts nothing more, lets running requests end until `deadline` has passed, ends the others, and brings the
    /// usage to the ledger. Whatever the ledger doesn't take stays in the spool.
    pub async fn drain(&self, deadline: Duration) {
        self.signals.draining.cancel();
        self.signals.connections.close();
        if tokio::time::timeout(deadline, self.signals.connections.wait()).await.is_err() {
            let cutting = self.shared.inflight.shut_down();
            tracing::info!(requests = cutting.told, "running requests are ended by the shutdown");
            cutting.finish().await;
        }
        self.signals.stopping.cancel();
        let threads = std::mem::take(&mut *lock(&self.threads));
        for ended in threads {
            let _ = ended.await;
        }
        self.spool.sync();
        self.closing.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(FLUSH_WITHIN, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!("the last usage rows didn't reach the ledger in time; they stay in the spool");
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.signals.draining.cancel();
        self.signals.stopping.cancel();
        self.closing.cancel();
    }
}

fn health(target: &Target, now: Timestamp) -> TargetHealth {
    let (breaker, failures, wait) = target.breaker.view(now);
    TargetHealth {
        provider: target.upstream.name.clone(),
        upstream_model: target.upstream_model.clone(),
        breaker,
        failures,
        retry_in_seconds: wait.map(|wait| u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX)),
    }
}

fn remember(receipts: &mut VecDeque<(Epoch, u64)>, epoch: Epoch, cut: u64) -> u64 {
    if let Some((_, total)) = receipts.iter_mut().find(|(known, _)| *known == epoch) {
        *total += cut;
        return *total;
    }
    if receipts.len() == RECEIPTS {
        receipts.pop_front();
    }
    receipts.push_back((epoch, cut));
    cut
}

async fn end_expired(shared: Arc<Shared>, closing: CancellationToken) {
    let mut tick = tokio::time::interval(EXPIRY_TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = tick.tick() => {
                let now = shared.clock.now();
                shared.inflight.reset_stalled(shared.micros(), shared.config.write_timeout);
                shared.inflight.cut_expired(now).finish().await;
                shared.counters.sweep(now);
            }
        }
    }
}

/// Starts a data thread; the receiver is told (by its sender's end) when the thread has dropped all it had.
fn spawn(
    worker: Arc<Worker>,
    listener: std::net::TcpListener,
    crowd: Arc<Crowd>,
    signals: Signals,
) -> io::Result<oneshot::Receiver<()>> {
    let (alive, ended) = oneshot::channel::<()>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name(format!("data-{}", worker.index)).spawn(move || {
        if let Err(error) = runtime.block_on(listener::run(worker, listener, crowd, signals)) {
            tracing::error!(%error, "a data thread couldn't listen");
        }
        // Drops the connections that are left, and with them their requests, which settle.
        drop(runtime);
        drop(alive);
    })?;
    Ok(ended)
}
