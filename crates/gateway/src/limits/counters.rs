//! The counters of all scopes, and of one.

use super::ScopeId;
use super::reserve::Limited;
use super::window::{Day, Figures, Window};
use crate::inflight::lock;
use model::limits::RateLimits;
use model::{KeyId, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Look-ups and a sweep hold one of so many parts of the map, so neither delays the others for long.
const SHARDS: usize = 32;
/// So many scopes at once are told to the operator: each costs memory.
const MANY: usize = 100_000;
/// Identities of one key that are counted apart; those beyond share one counter. Callers make identities up.
const IDENTITIES: u32 = 10_000;

/// The counters of all limited scopes.
#[derive(Default)]
pub(crate) struct Counters {
    shards: [Mutex<HashMap<ScopeId, Arc<Scope>>>; SHARDS],
    hasher: RandomState,
    /// How many identities of each key are counted apart.
    identities: Mutex<HashMap<KeyId, u32>>,
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
        if let ScopeId::Identity(key, _) = &id
            && !self.has_room_for_one_of(*key)
        {
            // Not under the lock of another part of the map.
            drop(scopes);
            return self.entry(ScopeId::OtherIdentities(*key));
        }
        let scope = Arc::new(Scope { id: id.clone(), state: Mutex::default() });
        scopes.insert(id, Arc::clone(&scope));
        scope
    }

    /// Counts one more identity of a key, if there may be one more.
    fn has_room_for_one_of(&self, key: KeyId) -> bool {
        let mut identities = lock(&self.identities);
        let count = identities.entry(key).or_default();
        let room = *count < IDENTITIES;
        *count += u32::from(room);
        room
    }

    fn one_less_of(&self, key: KeyId) {
        let mut identities = lock(&self.identities);
        if let Some(count) = identities.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                identities.remove(&key);
            }
        }
    }

    /// Drops the counters that are at rest and that nobody holds, of one part of the map at each call. Nothing is lost:
    /// at rest means zero.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let shard = self.swept.fetch_add(1, Ordering::Relaxed) % SHARDS;
        lock(&self.shards[shard]).retain(|id, scope| {
            // Asked of those that are held too: it gives memory back. Who holds one got it under the shard's lock.
            let stays = !lock(&scope.state).at_rest(now) || Arc::strong_count(scope) > 1;
            if let ScopeId::Identity(key, _) = id
                && !stays
            {
                self.one_less_of(*key);
            }
            stays
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
    /// Whether it is one of the concurrent requests.
    runs: bool,
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

    /// Counts a request where something is limited.
    pub(super) fn take(
        &mut self,
        Limited { scope, limits }: &Limited<'_>,
        tokens: u64,
        runs: bool,
        now: Timestamp,
    ) -> Hold {
        let figures = Figures::running(tokens);
        let by_minute = limits.requests_per_minute.is_some() || limits.tokens_per_minute.is_some();
        let by_day = limits.requests_per_day.is_some() || limits.tokens_per_day.is_some();
        self.running = self.running.saturating_add(u64::from(runs));
        Hold {
            scope: Arc::clone(scope),
            runs,
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
        state.running = state.running.saturating_sub(u64::from(self.runs));
        if let Some(number) = self.bucket {
            state.minute.settle(number, reserved, used);
        }
        if let Some(start) = self.day {
            state.day.settle(start, reserved, used);
        }
    }
}

#[cfg(test)]
mod tests;
