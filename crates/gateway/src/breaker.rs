//! A circuit breaker for each target: one that fails again and again is left alone for a while.
//!
//! Only what says something of the target counts: connections that don't come about, silence, and statuses from 500
//! on. A pause is followed by one request that tries; while it runs, and for a pause after it, others go elsewhere.

use crate::inflight::lock;
use model::Timestamp;
use model::catalog::BreakerState;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Failures in a row that open a breaker.
const THRESHOLD: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(80);

/// One target's breaker.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// Whether there is anything in `state`: healthy targets cost no lock.
    troubled: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Set once the breaker has opened: until when nobody is let through.
    closed_off_until: Option<Timestamp>,
    pause: Duration,
}

impl Breaker {
    /// Whether a request may go there now; `Err`: how long not.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(), Duration> {
        if !self.troubled.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut state = lock(&self.state);
        let Some(until) = state.closed_off_until else { return Ok(()) };
        if until > now {
            return Err(until.since(now));
        }
        // This request tries; the next one may when this one hasn't come back after another pause.
        state.closed_off_until = Some(now.after(state.pause));
        Ok(())
    }

    /// It answered, whatever it said below 500.
    pub(crate) fn succeeded(&self) {
        if self.troubled.load(Ordering::Acquire) {
            *lock(&self.state) = State::default();
            self.troubled.store(false, Ordering::Release);
        }
    }

    /// It gave no answer, or an error of its own.
    pub(crate) fn failed(&self, now: Timestamp) {
        let mut state = lock(&self.state);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= THRESHOLD {
            let pause = if state.pause.is_zero() { FIRST_PAUSE } else { state.pause * 2 };
            // Requests that were under way when it opened fail late; they don't make the pause longer.
            let open = state.closed_off_until.is_some_and(|until| until > now);
            if !open || state.failures == THRESHOLD {
                state.pause = pause.min(LONGEST_PAUSE);
                state.closed_off_until = Some(now.after(state.pause));
            }
        }
        self.troubled.store(true, Ordering::Release);
    }

    /// State, failures in a row, and how long it stays open.
    pub(crate) fn view(&self, now: Timestamp) -> (BreakerState, u32, Option<Duration>) {
        let state = lock(&self.state);
        match state.closed_off_until {
            None => (BreakerState::Closed, state.failures, None),
            Some(until) if until > now => (BreakerState::Open, state.failures, Some(until.since(now))),
            Some(_) => (BreakerState::HalfOpen, state.failures, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).after(Duration::from_secs(seconds))
    }

    #[test]
    fn opens_after_failures_in_a_row_and_lets_one_try() {
        let breaker = Breaker::default();
        for _ in 0..THRESHOLD - 1 {
            breaker.failed(at(0));
        }
        assert!(breaker.admit(at(0)).is_ok());
        breaker.succeeded();
        for _ in 0..THRESHOLD {
            breaker.failed(at(0));
        }
        assert_eq!(breaker.admit(at(1)), Err(Duration::from_secs(4)));
        assert_eq!(breaker.view(at(1)).0, BreakerState::Open);
        assert_eq!(breaker.view(at(5)).0, BreakerState::HalfOpen);
        assert!(breaker.admit(at(5)).is_ok(), "one tries");
        assert!(breaker.admit(at(5)).is_err(), "the others wait");
        breaker.succeeded();
        assert!(breaker.admit(at(5)).is_ok());
        assert_eq!(breaker.view(at(5)), (BreakerState::Closed, 0, None));
    }

    #[test]
    fn the_pause_grows_with_each_vain_try_and_is_bounded() {
        let breaker = Breaker::default();
        for _ in 0..THRESHOLD + 3 {
            breaker.failed(at(0));
        }
        assert_eq!(breaker.admit(at(0)), Err(FIRST_PAUSE), "late failures don't count twice");
        let mut now = 5;
        for expected in [10, 20, 40, 80, 80] {
            assert!(breaker.admit(at(now)).is_ok());
            // The try itself comes back after a pause has passed, or at once: the same.
            let until = now + expected;
            breaker.failed(at(until - expected));
            let wait = breaker.admit(at(now)).unwrap_err().as_secs();
            assert!(wait <= expected, "{wait} {expected}");
            now = until;
        }
    }
}
