//! Why a request is refused, and how long it should wait.

use super::reserve::{Limit, Locked, Measure};
use super::seconds_up;
use crate::error::{ApiError, Code};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use model::Timestamp;
use std::time::Duration;

/// How long to wait for what running requests hold: nobody knows when they end, but they do.
const SOON: Duration = Duration::from_secs(1);
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// In the order in which they are told when they make one wait equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// Enough would be left without the reservations of running requests.
    Held,
    /// Too many requests are running.
    Concurrency,
    /// The limit is used up.
    Reached,
    /// The request asks for more than the whole limit: no waiting helps.
    TooLarge,
}

/// The limit that makes a request wait longest.
#[derive(Debug)]
pub(super) struct Refusal {
    why: Why,
    wait: Duration,
    /// What is limited.
    words: &'static str,
    /// Whose limit it is.
    whose: &'static str,
}

impl Refusal {
    /// What stands against a request that needs `tokens` and `runs` beside others; `None`: nothing.
    pub(super) fn worst(locked: &[Locked<'_>], tokens: u64, runs: bool, now: Timestamp) -> Option<Self> {
        locked
            .iter()
            .flat_map(|one| {
                let whose = one.limited.scope.id.words();
                let most = one.limited.limits.concurrent_requests.filter(|_| runs);
                let concurrency = most.filter(|most| one.state.running >= u64::from(*most));
                let concurrency = concurrency.map(|_| (Why::Concurrency, SOON, "concurrent requests"));
                one.limits()
                    .filter_map(move |limit| {
                        let (why, wait) = against(&limit, tokens, now)?;
                        Some((why, wait, limit.words))
                    })
                    .chain(concurrency)
                    .map(move |(why, wait, words)| Self { why, wait, words, whose })
            })
            .max_by_key(|refusal| (refusal.why == Why::TooLarge, refusal.wait, refusal.why))
    }

    /// `headers`: the limits as they stand.
    pub(super) fn into_error(self, headers: HeaderMap) -> ApiError {
        let Self { why, wait, words, whose } = self;
        let (code, message) = match why {
            Why::Concurrency => (
                Code::ConcurrencyLimitExceeded,
                format!("The limit of {words} {whose} is reached. Try again when one of them has ended."),
            ),
            Why::Held => (
                Code::RateLimitExceeded,
                format!(
                    "The rest of the limit of {words} {whose} is reserved by running requests. Try again shortly."
                ),
            ),
            Why::Reached => (
                Code::RateLimitExceeded,
                format!("The limit of {words} {whose} is reached. Wait as long as retry-after says."),
            ),
            Why::TooLarge => (
                Code::RateLimitExceeded,
                format!(
                    "This request asks for more than the whole limit of {words} {whose}. \
                     Send a shorter prompt, or ask for fewer output tokens."
                ),
            ),
        };
        let error = ApiError::from(code)
            .message(message)
            .headers(headers)
            .header(header::RETRY_AFTER, seconds_up(wait).max(1).into());
        if why == Why::TooLarge {
            error.header(SHOULD_RETRY, HeaderValue::from_static("false"))
        } else {
            error
        }
    }
}

/// Whether one more request, of `tokens`, is against `limit`.
fn against(limit: &Limit<'_>, tokens: u64, now: Timestamp) -> Option<(Why, Duration)> {
    let left = limit.left();
    match limit.measure {
        Measure::Requests => (left == 0).then(|| {
            // Also after the limit was lowered: until one fewer than the limit is left.
            (Why::Reached, limit.span.wait(now, &|figures| figures.requests < limit.most))
        }),
        Measure::Tokens => (tokens > left).then(|| {
            let fits = |used: u64| used.saturating_add(tokens) <= limit.most;
            if !fits(0) {
                (Why::TooLarge, limit.span.wait(now, &|_| false))
            } else if fits(limit.span.figures().used) {
                (Why::Held, SOON)
            } else {
                (Why::Reached, limit.span.wait(now, &|figures| fits(figures.used)))
            }
        }),
    }
}
