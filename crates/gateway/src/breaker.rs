//! A circuit breaker for each target: one that fails again and again is left alone for a while.
//!
//! Only what says something of the target counts. Silence (connections that don't come about, no answer) does whoever
//! met it. A status from 500 on may be the fault of the request: a prompt that an upstream stumbles over must not close
//! a model for everybody. So five of them in a row close it for the key that sent them, and for all only once they came
//! to keys of three different owners.
//!
//! A pause is followed by one request that tries; while it runs, and for a pause after it, others go elsewhere. The
//! owner whose request failed last lets others try first, if others have asked.

use crate::inflight::lock;
use crate::policy::OwnPart;
use model::catalog::BreakerState;
use model::{KeyId, TenantId, Timestamp, UserId};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Failures in a row that open a breaker.
const THRESHOLD: u32 = 5;
/// Owners whose requests must have been answered by errors before it opens for all.
const OWNERS: usize = 3;
/// Keys whose failures are told apart; the one that failed longest ago is forgotten first.
const KEYS: usize = 32;
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// After silence.
const LONGEST_PAUSE: Duration = Duration::from_secs(80);
/// After answers, whose cost is only that they come again.
const LONGEST_ANSWERED: Duration = Duration::from_secs(15);

/// One target's breaker.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// Whether there is anything in `state`: healthy targets cost no lock.
    troubled: AtomicBool,
    state: Mutex<State>,
}

/// What failed in a row, and whom the breaker keeps away.
#[derive(Debug, Default)]
struct State {
    silent: u32,
    answered: u32,
    /// The keys that errors were answered to, the one that met the last of them last.
    keys: Vec<Failing>,
    /// For everybody.
    pause: Pause,
    /// Whose request was answered by the error that began the present pause.
    blamed: Option<Owner>,
    /// Whether somebody else asked during this pause.
    others_ask: bool,
}

#[derive(Debug)]
struct Failing {
    key: KeyId,
    owner: Owner,
    failures: u32,
    /// For this key alone.
    pause: Pause,
}

/// Who answers for a key: people can give themselves as many keys as they like.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owner {
    User(UserId),
    Tenant(TenantId),
}

impl Owner {
    fn of(key: &OwnPart) -> Self {
        key.owner.user_id().map_or_else(|| Self::Tenant(key.tenant_id.clone()), |id| Self::User(id.clone()))
    }
}

/// A time in which nobody is let through, and one request that tries after it.
#[derive(Debug, Default)]
struct Pause {
    /// Set once it has begun for the first time.
    until: Option<Timestamp>,
    length: Duration,
    trying: bool,
}

impl Pause {
    fn wait(&self, now: Timestamp) -> Result<(), Duration> {
        match self.until {
            Some(until) if until > now => Err(until.since(now)),
            _ => Ok(()),
        }
    }

    /// This request tries; the next one may when this one hasn't come back after another pause.
    fn try_once(&mut self, now: Timestamp) {
        if self.until.is_some() {
            self.until = Some(now.after(self.length));
            self.trying = true;
        }
    }

    /// Begins, or begins anew and twice as long. Requests that were under way when it began fail late: they don't make
    /// it longer, and `false` says so.
    fn begin(&mut self, now: Timestamp, longest: Duration) -> bool {
        if self.wait(now).is_err() && !self.trying {
            return false;
        }
        self.length = (self.length * 2).clamp(FIRST_PAUSE, longest);
        self.until = Some(now.after(self.length));
        self.trying = false;
        true
    }
}

impl State {
    fn own(&mut self, key: KeyId) -> Option<&mut Failing> {
        self.keys.iter_mut().find(|failing| failing.key == key)
    }

    fn owners(&self) -> usize {
        let first = |at: usize, one: &Failing| self.keys[..at].iter().all(|other| other.owner != one.owner);
        self.keys.iter().enumerate().filter(|(at, one)| first(*at, one)).count()
    }

    fn begin(&mut self, now: Timestamp, longest: Duration, blamed: Option<Owner>) {
        let answered = if self.owners() >= OWNERS { self.answered } else { 0 };
        if self.silent.saturating_add(answered) >= THRESHOLD && self.pause.begin(now, longest) {
            self.blamed = blamed;
            self.others_ask = false;
        }
    }
}

impl Breaker {
    /// Whether a request of `key` may go there now; `Err`: how long not.
    pub(crate) fn admit(&self, now: Timestamp, key: &OwnPart) -> Result<(), Duration> {
        if !self.troubled.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut state = lock(&self.state);
        let Some(until) = state.pause.until else {
            let Some(own) = state.own(key.id) else { return Ok(()) };
            own.pause.wait(now)?;
            own.pause.try_once(now);
            return Ok(());
        };
        let is_blamed = state.blamed.as_ref().is_some_and(|blamed| *blamed == Owner::of(key));
        if !is_blamed {
            state.others_ask = state.others_ask || until > now;
        } else if state.others_ask && !state.pause.trying {
            let until = until.after(FIRST_PAUSE);
            if until > now {
                return Err(until.since(now));
            }
        }
        state.pause.wait(now)?;
        state.pause.try_once(now);
        Ok(())
    }

    /// It answered, whatever it said below 500.
    pub(crate) fn succeeded(&self) {
        if self.troubled.load(Ordering::Acquire) {
            *lock(&self.state) = State::default();
            self.troubled.store(false, Ordering::Release);
        }
    }

    /// It gave no answer.
    pub(crate) fn failed(&self, now: Timestamp) {
        let mut state = lock(&self.state);
        state.silent = state.silent.saturating_add(1);
        state.begin(now, LONGEST_PAUSE, None);
        self.troubled.store(true, Ordering::Release);
    }

    /// It answered a request of `key` by an error of its own.
    pub(crate) fn answered_by_error(&self, now: Timestamp, key: &OwnPart) {
        let mut state = lock(&self.state);
        let known = state.keys.iter().position(|failing| failing.key == key.id);
        let mut failing = match known {
            Some(at) => state.keys.remove(at),
            None => Failing { key: key.id, owner: Owner::of(key), failures: 0, pause: Pause::default() },
        };
        failing.failures = failing.failures.saturating_add(1);
        if failing.failures >= THRESHOLD {
            failing.pause.begin(now, LONGEST_ANSWERED);
        }
        if state.keys.len() == KEYS {
            state.keys.remove(0);
        }
        let owner = failing.owner.clone();
        state.keys.push(failing);
        state.answered = state.answered.saturating_add(1);
        state.begin(now, LONGEST_ANSWERED, Some(owner));
        self.troubled.store(true, Ordering::Release);
    }

    /// How it is for everybody: state, failures in a row, and how long it stays open.
    pub(crate) fn view(&self, now: Timestamp) -> (BreakerState, u32, Option<Duration>) {
        let state = lock(&self.state);
        let failures = state.silent.saturating_add(state.answered);
        match (state.pause.until, state.pause.wait(now)) {
            (None, _) => (BreakerState::Closed, failures, None),
            (_, Err(wait)) => (BreakerState::Open, failures, Some(wait)),
            _ => (BreakerState::HalfOpen, failures, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::key::{Environment, KeyKind, KeyOwner};

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).after(Duration::from_secs(seconds))
    }

    /// The `n`th key, a service key of `tenant`.
    fn key(n: u8, tenant: &str) -> OwnPart {
        OwnPart {
            id: KeyId::generate(|bytes| bytes.fill(n)),
            kind: KeyKind::Restricted,
            environment: Environment::Production,
            tenant_id: tenant.parse().unwrap(),
            owner: KeyOwner::Tenant,
            user_path: None,
            expires_at: None,
            revoked: false,
        }
    }

    fn wait(breaker: &Breaker, now: u64, key: &OwnPart) -> Option<u64> {
        breaker.admit(at(now), key).err().map(|wait| wait.as_secs())
    }

    /// Open for everybody since second 0 by the answers to three owners' requests, the last of them to `last`.
    fn opened(last: &OwnPart) -> Breaker {
        let breaker = Breaker::default();
        for key in [&key(7, "x"), &key(8, "y"), &key(7, "x"), &key(8, "y"), last] {
            assert_eq!(wait(&breaker, 0, key), None);
            breaker.answered_by_error(at(0), key);
        }
        breaker
    }

    #[test]
    fn opens_after_failures_in_a_row_and_lets_one_try() {
        let (breaker, anyone) = (Breaker::default(), key(1, "a"));
        for _ in 0..THRESHOLD - 1 {
            breaker.failed(at(0));
        }
        assert!(breaker.admit(at(0), &anyone).is_ok());
        breaker.succeeded();
        for _ in 0..THRESHOLD {
            breaker.failed(at(0));
        }
        assert_eq!(breaker.admit(at(1), &anyone), Err(Duration::from_secs(4)));
        assert_eq!(breaker.view(at(1)).0, BreakerState::Open);
        assert_eq!(breaker.view(at(5)).0, BreakerState::HalfOpen);
        assert!(breaker.admit(at(5), &anyone).is_ok(), "one tries");
        assert!(breaker.admit(at(5), &anyone).is_err(), "the others wait");
        breaker.succeeded();
        assert!(breaker.admit(at(5), &anyone).is_ok());
        assert_eq!(breaker.view(at(5)), (BreakerState::Closed, 0, None));
    }

    #[test]
    fn the_pause_grows_with_each_vain_try_and_is_bounded() {
        let (silent, anyone) = (Breaker::default(), key(1, "a"));
        for _ in 0..THRESHOLD + 3 {
            silent.failed(at(0));
        }
        assert_eq!(wait(&silent, 0, &anyone), Some(5), "late failures don't count twice");
        let answering = opened(&anyone);
        let silence: fn(&Breaker, Timestamp, &OwnPart) = |breaker, now, _| breaker.failed(now);
        for (breaker, fail, pauses) in [
            (silent, silence, [10, 20, 40, 80, 80]),
            (answering, Breaker::answered_by_error, [10, 15, 15, 15, 15]),
        ] {
            let mut now = 5;
            for expected in pauses {
                assert_eq!(wait(&breaker, now, &anyone), None);
                fail(&breaker, at(now), &anyone);
                assert_eq!(wait(&breaker, now, &anyone), Some(expected));
                now += expected;
            }
        }
    }

    #[test]
    fn one_owner_s_errors_are_that_key_s_alone() {
        let (breaker, mine, my_other, theirs) = (Breaker::default(), key(1, "a"), key(2, "a"), key(3, "b"));
        for n in 0..40 {
            breaker.answered_by_error(at(0), &mine);
            breaker.answered_by_error(at(0), if n < 4 { &theirs } else { &my_other });
        }
        assert_eq!(wait(&breaker, 0, &mine), Some(5));
        assert_eq!(wait(&breaker, 0, &my_other), Some(5));
        assert_eq!(wait(&breaker, 0, &theirs), None);
        assert_eq!(breaker.view(at(0)), (BreakerState::Closed, 80, None));
        assert_eq!(wait(&breaker, 5, &mine), None, "it tries");
        assert_eq!(wait(&breaker, 5, &mine), Some(5));
        breaker.answered_by_error(at(5), &mine);
        assert_eq!(wait(&breaker, 5, &mine), Some(10));
        breaker.answered_by_error(at(6), &key(4, "c"));
        assert_eq!(breaker.view(at(6)).0, BreakerState::Open, "three owners");
        assert_eq!(wait(&breaker, 6, &theirs), Some(5));
    }

    #[test]
    fn who_failed_last_lets_others_try_first() {
        let (mine, my_other, theirs) = (key(1, "a"), key(2, "a"), key(3, "b"));
        let alone = opened(&mine);
        assert_eq!((wait(&alone, 4, &mine), wait(&alone, 5, &mine)), (Some(1), None), "nobody else asked");
        let asked = opened(&mine);
        assert_eq!(wait(&asked, 4, &theirs), Some(1));
        assert_eq!((wait(&asked, 5, &mine), wait(&asked, 5, &my_other)), (Some(5), Some(5)));
        assert_eq!(wait(&asked, 5, &theirs), None, "the other one tries");
        assert_eq!(wait(&asked, 5, &mine), Some(5));
        let left = opened(&mine);
        assert_eq!(wait(&left, 4, &theirs), Some(1));
        assert_eq!(wait(&left, 10, &mine), None, "the other one didn't come back");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let breaker = Breaker::default();
        for n in 0..200 {
            breaker.answered_by_error(at(0), &key(n, "a"));
        }
        assert_eq!(lock(&breaker.state).keys.len(), KEYS);
    }
}
