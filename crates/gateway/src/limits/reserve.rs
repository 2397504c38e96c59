//! Taking from all scopes at once, or from none.

use super::counters::{Hold, Scope, State};
use super::headers::Shown;
use super::refusal::Refusal;
use super::window::Span;
use crate::error::ApiError;
use crate::inflight::lock;
use http::HeaderMap;
use model::Timestamp;
use model::limits::RateLimits;
use std::sync::{Arc, MutexGuard};

/// No limit is larger, so a request for more never fits; sums of reservations stay within their numbers.
const MOST_TOKENS: u64 = RateLimits::MAX_TOKENS + 1;

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    /// Estimate of the prompt.
    pub(crate) input: u64,
    /// Most output tokens, if the request names a maximum.
    pub(crate) named_output: Option<u64>,
    /// Reserved for the output otherwise, or what is left of the tightest limit when that is less.
    pub(crate) default_output: u64,
}

/// A scope that a request is in, with its present limits.
pub(crate) struct Limited<'a> {
    pub(crate) scope: &'a Arc<Scope>,
    pub(crate) limits: RateLimits,
}

/// A scope while its lock is held.
pub(super) struct Locked<'a> {
    pub(super) limited: &'a Limited<'a>,
    pub(super) state: MutexGuard<'a, State>,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Requests,
    Tokens,
}

/// One limit over a span of time.
pub(super) struct Limit<'a> {
    pub(super) measure: Measure,
    pub(super) words: &'static str,
    pub(super) most: u64,
    pub(super) span: &'a dyn Span,
}

impl Limit<'_> {
    pub(super) fn left(&self) -> u64 {
        let figures = self.span.figures();
        self.most.saturating_sub(match self.measure {
            Measure::Requests => figures.requests,
            Measure::Tokens => figures.held(),
        })
    }
}

impl Locked<'_> {
    /// The limits that apply here, concurrency apart.
    pub(super) fn limits(&self) -> impl Iterator<Item = Limit<'_>> {
        let Limited { limits, .. } = self.limited;
        let minute: &dyn Span = &self.state.minute;
        let day: &dyn Span = &self.state.day;
        [
            (Measure::Requests, "requests a minute", limits.requests_per_minute.map(u64::from), minute),
            (Measure::Requests, "requests a day", limits.requests_per_day.map(u64::from), day),
            (Measure::Tokens, "tokens a minute", limits.tokens_per_minute, minute),
            (Measure::Tokens, "tokens a day", limits.tokens_per_day, day),
        ]
        .into_iter()
        .filter_map(|(measure, words, most, span)| Some(Limit { measure, words, most: most?, span }))
    }
}

/// An admitted request's hold on the counters of its scopes. Dropped unsettled it counts no tokens.
pub(crate) struct Reservation {
    holds: Vec<Hold>,
    /// How many are reserved.
    pub(crate) tokens: u64,
    /// The limits as they stand, for the answer.
    pub(crate) headers: HeaderMap,
}

impl Reservation {
    /// Replaces what was reserved by the real figure, and ends the request's part in `concurrent_requests`.
    pub(crate) fn settle(&mut self, tokens: u64) {
        for hold in std::mem::take(&mut self.holds) {
            hold.settle(self.tokens, tokens);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.settle(0);
    }
}

/// Takes what `demand` needs from all `scopes`, or refuses and takes nothing. A scope that is there twice counts once.
pub(crate) fn reserve(
    scopes: &[Limited<'_>],
    demand: Demand,
    now: Timestamp,
) -> Result<Reservation, ApiError> {
    admit(scopes, demand, true, now)
}

/// Counts a request that is over at once in all `scopes`, or refuses it: it takes no tokens and isn't one of those that
/// run. Gives the limits as they stand.
pub(crate) fn count(scopes: &[Limited<'_>], now: Timestamp) -> Result<HeaderMap, ApiError> {
    let nothing = Demand { input: 0, named_output: Some(0), default_output: 0 };
    admit(scopes, nothing, false, now).map(|mut reservation| std::mem::take(&mut reservation.headers))
}

/// `runs`: whether it is one of the concurrent requests.
fn admit(
    scopes: &[Limited<'_>],
    demand: Demand,
    runs: bool,
    now: Timestamp,
) -> Result<Reservation, ApiError> {
    let output = demand.named_output.unwrap_or(demand.default_output);
    let wanted = demand.input.saturating_add(output).min(MOST_TOKENS);
    let mut order: Vec<&Limited<'_>> =
        scopes.iter().filter(|limited| !limited.limits.is_unlimited()).collect();
    if order.is_empty() {
        return Ok(Reservation { holds: Vec::new(), tokens: wanted, headers: HeaderMap::new() });
    }
    order.sort_unstable_by(|one, other| one.scope.id.cmp(&other.scope.id));
    order.dedup_by(|one, other| one.scope.id == other.scope.id);
    let mut locked: Vec<Locked<'_>> = order
        .into_iter()
        .map(|limited| {
            let mut state = lock(&limited.scope.state);
            state.roll(now);
            Locked { limited, state }
        })
        .collect();

    let tokens = fitting(&locked, demand, wanted);
    if let Some(refusal) = Refusal::worst(&locked, tokens, runs, now) {
        let shown = Shown::of(&locked, now);
        drop(locked);
        return Err(refusal.into_error(shown.into_headers()));
    }
    let holds =
        locked.iter_mut().map(|Locked { limited, state }| state.take(limited, tokens, runs, now)).collect();
    let shown = Shown::of(&locked, now);
    drop(locked);
    Ok(Reservation { holds, tokens, headers: shown.into_headers() })
}

/// What to reserve: without a named maximum no more than is left, but room for one token of output. The default alone
/// is no reason to refuse.
fn fitting(locked: &[Locked<'_>], demand: Demand, wanted: u64) -> u64 {
    if demand.named_output.is_some() {
        return wanted;
    }
    let tokens = locked.iter().flat_map(Locked::limits).filter(|limit| limit.measure == Measure::Tokens);
    let least = demand.input.saturating_add(1);
    tokens.map(|limit| limit.left()).min().map_or(wanted, |left| wanted.min(left.max(least)))
}
