//! Rate limits: exact counters in memory, outside of snapshots.
//!
//! Requests per minute: no span of 60 seconds holds more than N admitted requests (each admission is kept until it
//! leaves the window). Tokens per day: the UTC day; reserved before the call, settled after it. Both are taken
//! together or not at all, under one short lock, and a reservation gives back what it holds when it is dropped.

use crate::error::{ApiError, Code};
use crate::inflight::lock;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use model::limits::RateLimits;
use model::{AccessRuleId, KeyId, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
/// Above this many keys the counters of those that are at rest are dropped.
const SWEEP_ABOVE: usize = 10_000;

/// Whose counters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ScopeId {
    Key(KeyId),
    Rule(AccessRuleId),
    Identity(KeyId, Box<str>),
}

/// A scope with the limits that hold for it now.
pub(crate) struct Limited<'a> {
    pub(crate) scope: &'a Arc<Scope>,
    pub(crate) limits: RateLimits,
}

/// The counters of all limited scopes.
#[derive(Default)]
pub(crate) struct Counters(Mutex<HashMap<ScopeId, Arc<Scope>>>);

impl Counters {
    /// The counters of a scope; `None` when nothing of it is limited.
    pub(crate) fn of(&self, id: ScopeId, limits: &RateLimits) -> Option<Arc<Scope>> {
        (!limits.is_unlimited()).then(|| self.entry(id))
    }

    fn entry(&self, id: ScopeId) -> Arc<Scope> {
        Arc::clone(lock(&self.0).entry(id).or_default())
    }

    /// What the ledger knows of the present day and minute; adds to what was counted since the start.
    pub(crate) fn seed(&self, now: Timestamp, tokens: Vec<(KeyId, u64)>, requests: Vec<(KeyId, Timestamp)>) {
        for (id, used) in tokens {
            let counters = self.entry(ScopeId::Key(id));
            let mut state = lock(&counters.0);
            state.roll(now);
            state.used = state.used.saturating_add(used);
        }
        let mut by_key: HashMap<KeyId, Vec<Timestamp>> = HashMap::new();
        for (id, at) in requests {
            by_key.entry(id).or_default().push(at);
        }
        for (id, times) in by_key {
            let counters = self.entry(ScopeId::Key(id));
            let mut state = lock(&counters.0);
            state.admitted.extend(times);
            state.admitted.make_contiguous().sort_unstable();
        }
    }

    /// Drops the counters of keys that are at rest, once there are many. Nothing is lost: at rest means zero.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let mut all = lock(&self.0);
        if all.len() > SWEEP_ABOVE {
            all.retain(|_, counters| Arc::strong_count(counters) > 1 || !lock(&counters.0).at_rest(now));
        }
    }
}

/// One key's counters.
#[derive(Default)]
pub(crate) struct Scope(Mutex<State>);

#[derive(Default)]
struct State {
    /// When each request of the last 60 seconds was admitted, oldest first.
    admitted: VecDeque<Timestamp>,
    day: Timestamp,
    used: u64,
    reserved: u64,
}

impl State {
    fn roll(&mut self, now: Timestamp) {
        while self.admitted.front().is_some_and(|at| at.after(MINUTE) <= now) {
            self.admitted.pop_front();
        }
        // Not backwards: a clock that is set back must not give yesterday's tokens again.
        if now.utc_day_start() > self.day {
            (self.day, self.used, self.reserved) = (now.utc_day_start(), 0, 0);
        }
    }

    fn at_rest(&mut self, now: Timestamp) -> bool {
        self.roll(now);
        self.admitted.is_empty() && self.used == 0 && self.reserved == 0
    }

    fn headers(&self, limits: &RateLimits, now: Timestamp) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(limit) = limits.requests_per_minute {
            let left = u64::from(limit).saturating_sub(self.admitted.len() as u64);
            let reset = self.admitted.back().map_or(Duration::ZERO, |last| last.after(MINUTE).since(now));
            describe(&mut headers, &REQUESTS, u64::from(limit), left, reset);
        }
        if let Some(limit) = limits.tokens_per_day {
            let left = limit.saturating_sub(self.used.saturating_add(self.reserved));
            describe(&mut headers, &TOKENS, limit, left, self.day.after(DAY).since(now));
        }
        headers
    }
}

const REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

fn describe(headers: &mut HeaderMap, names: &[HeaderName; 3], limit: u64, left: u64, reset: Duration) {
    let [limit_name, left_name, reset_name] = names.clone();
    headers.insert(limit_name, limit.into());
    headers.insert(left_name, left.into());
    // OpenAI writes a duration with its unit here.
    if let Ok(value) = HeaderValue::try_from(format!("{}s", seconds_up(reset))) {
        headers.insert(reset_name, value);
    }
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    /// Estimate of the prompt.
    pub(crate) input: u64,
    /// Most output tokens, if the request names a maximum.
    pub(crate) named_output: Option<u64>,
    /// Reserved for the output otherwise, or what is left of the limit when that is less.
    pub(crate) default_output: u64,
}

/// An admitted request's hold on its key's counters. Dropped unsettled it counts no tokens.
pub(crate) struct Reservation {
    counters: Option<Arc<Scope>>,
    day: Timestamp,
    pub(crate) tokens: u64,
    /// The limits as they stand, for the answer.
    pub(crate) headers: HeaderMap,
}

impl Reservation {
    /// Replaces what was reserved by the real figure.
    pub(crate) fn settle(&mut self, tokens: u64) {
        if let Some(counters) = self.counters.take() {
            let mut state = lock(&counters.0);
            // A request that ran over midnight counts for the day in which it began, which is over.
            if state.day == self.day {
                state.reserved = state.reserved.saturating_sub(self.tokens);
                state.used = state.used.saturating_add(tokens);
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.settle(0);
    }
}

/// Takes what `demand` needs, or refuses and takes nothing.
pub(crate) fn reserve(
    scopes: &[Limited<'_>],
    demand: Demand,
    now: Timestamp,
) -> Result<Reservation, ApiError> {
    let wanted = demand.input.saturating_add(demand.named_output.unwrap_or(demand.default_output));
    let Some(Limited { scope: counters, limits }) = scopes.first() else {
        return Ok(Reservation { counters: None, day: now, tokens: wanted, headers: HeaderMap::new() });
    };
    let mut state = lock(&counters.0);
    state.roll(now);
    let mut tokens = wanted;
    let mut wait = None;
    if let Some(limit) = limits.tokens_per_day {
        let held = state.used.saturating_add(state.reserved);
        let left = limit.saturating_sub(held);
        if demand.named_output.is_none() {
            tokens = tokens.min(left.max(demand.input.saturating_add(1)));
        }
        if tokens > left {
            // Enough would be left without the running requests: their settlement is worth waiting for.
            let fits_later = state.used.saturating_add(tokens) <= limit;
            wait = Some(if fits_later { Duration::from_secs(1) } else { state.day.after(DAY).since(now) });
        }
    }
    if let Some(limit) = limits.requests_per_minute
        && state.admitted.len() as u64 >= u64::from(limit)
    {
        // Free again when the window holds one fewer than the limit, also after the limit was lowered.
        let leaves = state.admitted.len() - limit.max(1) as usize;
        let until = state.admitted.get(leaves).map_or(MINUTE, |at| at.after(MINUTE).since(now));
        wait = Some(wait.unwrap_or_default().max(until));
    }
    if let Some(wait) = wait {
        return Err(ApiError::from(Code::RateLimitExceeded)
            .headers(state.headers(limits, now))
            .header(header::RETRY_AFTER, seconds_up(wait).max(1).into()));
    }
    // Kept in order, also when a thread read the clock earlier than the one that came first.
    let at = state.admitted.back().map_or(now, |last| now.max(*last));
    if limits.requests_per_minute.is_some() {
        state.admitted.push_back(at);
    }
    state.reserved = state.reserved.saturating_add(tokens);
    let headers = state.headers(limits, now);
    let day = state.day;
    drop(state);
    Ok(Reservation { counters: Some(Arc::clone(counters)), day, tokens, headers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Dialect;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::parse_rfc3339("2026-03-18T12:00:00Z").unwrap().after(Duration::from_secs(seconds))
    }

    fn ask(input: u64, output: Option<u64>) -> Demand {
        Demand { input, named_output: output, default_output: 1_000 }
    }

    #[test]
    fn the_window_slides_exactly() {
        let counters = Arc::new(Scope::default());
        let limits = RateLimits { requests_per_minute: Some(2), ..RateLimits::default() };
        let ok = |t| reserve(&[Limited { scope: &counters, limits }], ask(1, None), at(t)).is_ok();
        assert!(ok(0) && ok(59));
        assert!(!ok(59));
        assert!(ok(60), "the first one left the window");
        assert!(!ok(118));
        assert!(ok(119));
        let refused = reserve(&[Limited { scope: &counters, limits }], ask(1, None), at(119))
            .err()
            .unwrap()
            .into_response(Dialect::OpenAi);
        assert_eq!(refused.headers()["retry-after"], "1");
        assert_eq!(refused.headers()["x-ratelimit-remaining-requests"], "0");
    }

    #[test]
    fn a_clock_set_back_admits_no_more() {
        let counters = Arc::new(Scope::default());
        let limits = RateLimits { requests_per_minute: Some(1), ..RateLimits::default() };
        assert!(reserve(&[Limited { scope: &counters, limits }], ask(1, None), at(100)).is_ok());
        assert!(reserve(&[Limited { scope: &counters, limits }], ask(1, None), at(10)).is_err());
    }

    #[test]
    fn tokens_are_reserved_settled_and_given_back() {
        let counters = Arc::new(Scope::default());
        let limits = RateLimits { tokens_per_day: Some(100), ..RateLimits::default() };
        let take = |demand, t| reserve(&[Limited { scope: &counters, limits }], demand, at(t));
        let mut first = take(ask(10, Some(50)), 0).unwrap();
        let held = take(ask(10, Some(50)), 0).err().unwrap().into_response(Dialect::OpenAi);
        assert_eq!(held.headers()["retry-after"], "1", "held by a running request");
        first.settle(20);
        drop(take(ask(10, Some(70)), 0).unwrap());
        let mut all = take(ask(10, None), 0).unwrap();
        assert_eq!(all.tokens, 80, "no maximum named: what is left");
        all.settle(80);
        let over = take(ask(1, Some(1)), 0).err().unwrap().into_response(Dialect::OpenAi);
        assert_eq!(over.headers()["retry-after"], (12 * 3600).to_string().as_str(), "until midnight");
        assert!(take(ask(1, Some(1)), 12 * 3600).is_ok(), "a new day");
    }

    #[test]
    fn a_refused_request_takes_nothing() {
        let counters = Arc::new(Scope::default());
        let limits =
            RateLimits { requests_per_minute: Some(1), tokens_per_day: Some(10), ..RateLimits::default() };
        assert!(reserve(&[Limited { scope: &counters, limits }], ask(100, Some(1)), at(0)).is_err());
        assert!(reserve(&[Limited { scope: &counters, limits }], ask(1, Some(1)), at(0)).is_ok());
    }
}
