//! The counters of all scopes, and of one.

use super::ScopeId;
use super::window::{Day, Figures, Window};
use crate::inflight::lock;
use model::Timestamp;
use model::limits::RateLimits;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Look-ups and a sweep hold one of so many parts of the map, so neither delays the others for long.
const SHARDS: usize = 32;
/// So many scopes at once are told to the operator: identities are made up by callers, and each costs memory.
const MANY: usize = 100_000;

/// The counters of all limited scopes.
#[derive(Default)]
pub(crate) struct Counters {
    shards: [Mutex<HashMap<ScopeId, Arc<Scope>>>; SHARDS],
    hasher: RandomState,
    swept: AtomicUsize,
    warned: AtomicBool,
}

impl Counters {
    /// The counters of `id`, the same as before for one that is known; `None` when nothing of it is limited.
    pub(crate) fn of(&self, id: ScopeId, limits: &RateLimits) -> Option<Arc<Scope>> {
        (!limits.is_unlimited()).then(|| self.entry(id))
    }

    pub(super) fn entry(&self, id: ScopeId) -> Arc<Scope> {
        let shard = usize::try_from(self.hasher.hash_one(&id) % SHARDS as u64).unwrap_or(0);
        let mut scopes = lock(&self.shards[shard]);
        if let Some(scope) = scopes.get(&id) {
            return Arc::clone(scope);
        }
        let scope = Arc::new(Scope { id: id.clone(), state: Mutex::default() });
        scopes.insert(id, Arc::clone(&scope));
        scope
    }

    /// Drops the counters that are at rest and that nobody holds, of one part of the map at each call. Nothing is lost:
    /// at rest means zero.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let shard = self.swept.fetch_add(1, Ordering::Relaxed) % SHARDS;
        lock(&self.shards[shard]).retain(|_, scope| {
            // Asked of those that are held too: it gives memory back. Who holds one got it under the shard's lock.
            !lock(&scope.state).at_rest(now) || Arc::strong_count(scope) > 1
        });
        let scopes = self.len();
        if scopes > MANY && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(scopes, "rate limits are counted for very many identities at once");
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }
}

/// One scope's counters, behind one short lock.
pub(crate) struct Scope {
    pub(super) id: ScopeId,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) minute: Window,
    pub(super) day: Day,
    /// Requests at present.
    pub(super) running: u64,
}

/// What a reservation has taken from one scope.
pub(super) struct Hold {
    scope: Arc<Scope>,
    /// The bucket of the minute, if the minute is limited.
    bucket: Option<i64>,
    /// The day, if the day is limited.
    day: Option<Timestamp>,
}

impl State {
    pub(super) fn roll(&mut self, now: Timestamp) {
        self.minute.roll(now);
        self.day.roll(now);
    }

    /// Counts a request where `limits` limit something.
    pub(super) fn take(
        &mut self,
        scope: &Arc<Scope>,
        limits: &RateLimits,
        tokens: u64,
        now: Timestamp,
    ) -> Hold {
        let figures = Figures::running(tokens);
        let by_minute = limits.requests_per_minute.is_some() || limits.tokens_per_minute.is_some();
        let by_day = limits.requests_per_day.is_some() || limits.tokens_per_day.is_some();
        self.running = self.running.saturating_add(1);
        Hold {
            scope: Arc::clone(scope),
            bucket: by_minute.then(|| self.minute.admit(now, figures)),
            day: by_day.then(|| self.day.admit(figures)),
        }
    }

    fn at_rest(&mut self, now: Timestamp) -> bool {
        use super::window::Span;
        self.roll(now);
        self.running == 0
            && self.minute.figures() == Figures::default()
            && self.day.figures() == Figures::default()
    }
}

impl Hold {
    /// Replaces the reserved tokens by the real ones, and ends the request.
    pub(super) fn settle(self, reserved: u64, used: u64) {
        let mut state = lock(&self.scope.state);
        state.running = state.running.saturating_sub(1);
        if let Some(number) = self.bucket {
            state.minute.settle(number, reserved, used);
        }
        if let Some(start) = self.day {
            state.day.settle(start, reserved, used);
        }
    }
}
