//! The requests that are running, so that they can be cut.
//!
//! A request registers before it is admitted and stays until its guard drops, when its upstream connection is gone
//! and its usage is settled. Each data thread keeps its own list behind its own, practically uncontended lock; a cut
//! walks all of them. Ending a request never waits for its client: what hasn't ended after [`RESET_AFTER`] loses its
//! connection. So does one whose client takes nothing of its answer for too long.

use crate::error::Code;
use crate::policy::{KeyPolicy, ProvenSecret};
use crate::socket::Connection;
use futures_util::task::AtomicWaker;
use model::change::{Change, CutCause, Epoch};
use model::{KeyId, Timestamp};
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Notify;

/// How long cut requests may take to end, none of them ending, before their connections are reset.
pub(crate) const RESET_AFTER: Duration = Duration::from_millis(100);
/// A reset connection is dropped by its own thread at once; this bounds the wait should that thread be stuck.
const GIVE_UP_AFTER: Duration = Duration::from_secs(5);

/// Why a request is ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Cut(CutCause),
    Shutdown,
}

impl End {
    const ALL: [Self; 5] = [
        Self::Cut(CutCause::KeyRevoked),
        Self::Cut(CutCause::KeyExpired),
        Self::Cut(CutCause::OwnerInactive),
        Self::Cut(CutCause::TenantSuspended),
        Self::Shutdown,
    ];

    fn to_u8(self) -> u8 {
        Self::ALL
            .iter()
            .position(|end| *end == self)
            .and_then(|at| u8::try_from(at + 1).ok())
            .unwrap_or(u8::MAX)
    }

    fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number.checked_sub(1)?)).copied()
    }

    pub(crate) fn code(self) -> Code {
        match self {
            Self::Cut(cause) => cause.into(),
            Self::Shutdown => Code::ShuttingDown,
        }
    }
}

/// One running request.
pub(crate) struct Flight {
    pub(crate) policy: Arc<KeyPolicy>,
    pub(crate) secret: ProvenSecret,
    connection: Arc<Connection>,
    end: AtomicU8,
    ended: AtomicBool,
    waker: AtomicWaker,
    /// Its key's or its secret's end, when that came nearer after its snapshot was read; in microseconds.
    shortened: AtomicI64,
    /// Since when its client has been waited for: [`NOT`], [`FROM_NOW`], or a time of [`Inflight::reset_stalled`].
    client_since: AtomicU64,
}

/// Not at all: its answer hasn't begun, or the upstream is waited for.
const NOT: u64 = 0;
/// Since after the last look. Whoever gives out bytes needn't know the time.
const FROM_NOW: u64 = 1;

impl Flight {
    /// Why this request was ended from outside, if it was.
    pub(crate) fn end(&self) -> Option<End> {
        End::from_u8(self.end.load(Ordering::SeqCst))
    }

    /// Ready once this request is to end. One task at a time may poll this.
    pub(crate) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<End> {
        self.waker.register(cx.waker());
        self.end().map_or(Poll::Pending, Poll::Ready)
    }

    /// It has given bytes out, and waits to be asked for more.
    pub(crate) fn waits_for_client(&self) {
        self.client_since.store(FROM_NOW, Ordering::Relaxed);
    }

    /// It was asked for more, and has none yet.
    pub(crate) fn waits_for_upstream(&self) {
        self.client_since.store(NOT, Ordering::Relaxed);
    }

    /// Ends an answer that has begun so that its client can't take what it got for all of it. Over HTTP/2 the stream is
    /// reset by the error that its body gives; HTTP/1 has only its connection.
    pub(crate) fn break_off(&self) {
        if !self.connection.is_shared() {
            self.connection.reset();
        }
    }

    /// Whether its client has asked for nothing over `patience`.
    fn has_stalled(&self, now: u64, patience: u64) -> bool {
        match self.client_since.load(Ordering::Relaxed) {
            NOT => false,
            FROM_NOW => {
                // Fails when it moved on this very moment.
                let _ = self.client_since.compare_exchange(
                    FROM_NOW,
                    now.max(FROM_NOW + 1),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                );
                false
            }
            since => now.saturating_sub(since) >= patience,
        }
    }

    pub(crate) async fn until_end(&self) -> End {
        poll_fn(|cx| self.poll_end(cx)).await
    }

    /// Tells the request to end; `false` when it had been told before.
    fn tell(&self, end: End) -> bool {
        let first = self.end.compare_exchange(0, end.to_u8(), Ordering::SeqCst, Ordering::SeqCst).is_ok();
        self.waker.wake();
        first
    }

    /// Whether the key or the secret that it used is past its end.
    fn has_expired(&self, now: Timestamp) -> bool {
        self.policy.expired_at(self.secret, now) || self.shortened.load(Ordering::SeqCst) <= now.as_micros()
    }

    /// Takes over a nearer end of the key or of the secret that it used.
    fn shorten(&self, change: &Change) {
        if let Change::KeyEnds { through, at, .. } = change
            && through.is_none_or(|newest| self.secret.generation <= newest)
        {
            self.shortened.fetch_min(at.as_micros(), Ordering::SeqCst);
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

/// One thread's running requests.
#[derive(Default)]
pub(crate) struct Flights {
    running: Mutex<HashMap<u64, Arc<Flight>>>,
    next: AtomicU64,
}

/// Registered until dropped.
pub(crate) struct FlightGuard {
    pub(crate) flight: Arc<Flight>,
    number: u64,
    flights: Arc<Flights>,
    ended: Arc<Notify>,
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        lock(&self.flights.running).remove(&self.number);
        self.flight.ended.store(true, Ordering::SeqCst);
        if self.flight.end().is_some() {
            self.ended.notify_waiters();
        }
    }
}

/// All threads' running requests.
pub(crate) struct Inflight {
    threads: Vec<Arc<Flights>>,
    ended: Arc<Notify>,
    cut: AtomicU64,
}

impl Inflight {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            threads: (0..threads).map(|_| Arc::default()).collect(),
            ended: Arc::default(),
            cut: AtomicU64::new(0),
        }
    }

    pub(crate) fn register(
        &self,
        thread: usize,
        policy: Arc<KeyPolicy>,
        secret: ProvenSecret,
        connection: Arc<Connection>,
    ) -> FlightGuard {
        let flights = Arc::clone(&self.threads[thread]);
        let flight = Arc::new(Flight {
            policy,
            secret,
            connection,
            end: AtomicU8::new(0),
            ended: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            shortened: AtomicI64::new(i64::MAX),
            client_since: AtomicU64::new(NOT),
        });
        let number = flights.next.fetch_add(1, Ordering::Relaxed);
        lock(&flights.running).insert(number, Arc::clone(&flight));
        FlightGuard { flight, number, flights, ended: Arc::clone(&self.ended) }
    }

    pub(crate) fn live(&self) -> u64 {
        self.threads.iter().map(|thread| lock(&thread.running).len() as u64).sum()
    }

    /// Requests of one key that are running.
    pub(crate) fn of(&self, key: &KeyId) -> u64 {
        let of_key = |flight: &&Arc<Flight>| flight.policy.key.id == *key;
        let counts =
            self.threads.iter().map(|thread| lock(&thread.running).values().filter(of_key).count() as u64);
        counts.sum()
    }

    /// How many requests were cut since the start.
    pub(crate) fn cut_so_far(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }

    /// Tells what `changes` end to end. A request whose snapshot was read at or after `epoch` knew the change.
    pub(crate) fn cut(&self, epoch: Epoch, changes: &[Change]) -> Cutting {
        self.end_where(|flight| {
            if flight.policy.epoch >= epoch {
                return None;
            }
            let ending = changes.iter().filter(|change| flight.policy.concerned_by(change));
            let ending = ending.inspect(|change| flight.shorten(change));
            ending.filter_map(|change| cause(change, flight.secret)).map(End::Cut).next()
        })
    }

    /// Tells requests whose key has expired to end.
    pub(crate) fn cut_expired(&self, now: Timestamp) -> Cutting {
        self.end_where(|flight| {
            let new = flight.has_expired(now) && flight.end().is_none();
            new.then_some(End::Cut(CutCause::KeyExpired))
        })
    }

    /// Resets the connections of clients that have asked for nothing of their answers over `patience`. A socket's own
    /// limit doesn't see them when they leave just this answer's HTTP/2 window shut. `now`: microseconds since the start.
    pub(crate) fn reset_stalled(&self, now: u64, patience: Duration) {
        let patience = u64::try_from(patience.as_micros()).unwrap_or(u64::MAX);
        for thread in &self.threads {
            for flight in lock(&thread.running).values() {
                if flight.has_stalled(now, patience) {
                    flight.connection.reset();
                }
            }
        }
    }

    /// Tells everything to end.
    pub(crate) fn shut_down(&self) -> Cutting {
        self.end_where(|_| Some(End::Shutdown))
    }

    fn end_where(&self, why: impl Fn(&Flight) -> Option<End>) -> Cutting {
        let mut cutting = Cutting { told: 0, pending: Vec::new(), ended: Arc::clone(&self.ended) };
        for thread in &self.threads {
            for flight in lock(&thread.running).values() {
                if let Some(end) = why(flight) {
                    cutting.told += u64::from(flight.tell(end));
                    cutting.pending.push(Arc::clone(flight));
                }
            }
        }
        self.cut.fetch_add(cutting.told, Ordering::Relaxed);
        cutting
    }
}

/// Requests that were told to end.
pub(crate) struct Cutting {
    /// How many were told by this call; the others had been told before, and are waited for, too.
    pub(crate) told: u64,
    pending: Vec<Arc<Flight>>,
    ended: Arc<Notify>,
}

impl Cutting {
    /// Waits until all have ended; resets the connections of those that take too long.
    pub(crate) async fn finish(mut self) {
        if !self.pending.is_empty() && !self.wait_while_some_end().await {
            for flight in &self.pending {
                flight.connection.reset();
            }
            if !self.wait(GIVE_UP_AFTER).await {
                tracing::error!(
                    requests = self.pending.len(),
                    "cut requests didn't end: a data thread is stuck"
                );
            }
        }
    }

    /// Waits until all have ended; `false` when none of those left has ended for [`RESET_AFTER`]: as long as some do,
    /// the others' threads are busy with them, and their clients may well be reading.
    async fn wait_while_some_end(&mut self) -> bool {
        loop {
            let before = self.pending.len();
            if self.wait(RESET_AFTER).await {
                return true;
            }
            self.pending.retain(|flight| !flight.has_ended());
            if self.pending.len() == before {
                return false;
            }
        }
    }

    /// Waits until all of `pending` has ended; `false` when that took longer than `bound`.
    async fn wait(&mut self, bound: Duration) -> bool {
        let Self { pending, ended: one_ended, .. } = self;
        let all_ended = async {
            loop {
                let mut ended = std::pin::pin!(one_ended.notified());
                ended.as_mut().enable();
                pending.retain(|flight| !flight.has_ended());
                if pending.is_empty() {
                    return;
                }
                ended.await;
            }
        };
        tokio::time::timeout(bound, all_ended).await.is_ok()
    }
}

/// The cause with which `change` cuts a request that proved `secret`; `None`: it only makes snapshots stale.
fn cause(change: &Change, secret: ProvenSecret) -> Option<CutCause> {
    match change {
        Change::KeyRotated { keep_from, .. } if secret.generation < *keep_from => Some(CutCause::KeyExpired),
        Change::KeyRevoked { .. } => Some(CutCause::KeyRevoked),
        Change::User { inactive: true, .. } => Some(CutCause::OwnerInactive),
        Change::Tenant { suspended: true, .. } => Some(CutCause::TenantSuspended),
        Change::Key { .. }
        | Change::KeyRotated { .. }
        | Change::KeyEnds { .. }
        | Change::User { .. }
        | Change::Tenant { .. }
        | Change::Catalog
        | Change::AccessRules => None,
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // No critical section of this crate can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_survives_its_number() {
        for end in End::ALL {
            assert_eq!(End::from_u8(end.to_u8()), Some(end));
        }
        assert_eq!(End::from_u8(0), None);
    }
}
