//! The five rate limits, as forms ask for them: of a key, of each person behind it, of an access rule.

use crate::form::Reading;
use crate::format::count;
use leptos::prelude::*;
use model::limits::RateLimits;

/// Their names in the API.
pub const RATE_LIMITS: [&str; 5] = [
    "rate_limits.requests_per_minute",
    "rate_limits.requests_per_day",
    "rate_limits.tokens_per_minute",
    "rate_limits.tokens_per_day",
    "rate_limits.concurrent_requests",
];

/// Their labels, in the same order.
const LABELS: [&str; 5] = [
    "Requests per minute",
    "Requests per day",
    "Tokens per minute",
    "Tokens per day",
    "Requests at the same time",
];

/// The five fields, each drawn by `field` from its place in the order and its label.
#[component]
pub fn LimitFields<F>(
    /// Draws one.
    field: F,
) -> impl IntoView
where
    F: Fn(usize, &'static str) -> AnyView + Send + 'static,
{
    view! {
        <div class="two">
            {LABELS.into_iter().enumerate().map(|(nth, label)| field(nth, label)).collect_view()}
        </div>
        <p class="sub">"Empty: no limit. A minute is any 60 seconds; the day is the UTC day; tokens are input and output."</p>
    }
}

/// What the fields show, in the same order.
pub fn shown(limits: &RateLimits) -> [String; 5] {
    [
        limits.requests_per_minute.map(u64::from),
        limits.requests_per_day.map(u64::from),
        limits.tokens_per_minute,
        limits.tokens_per_day,
        limits.concurrent_requests.map(u64::from),
    ]
    .map(|limit| limit.map(count).unwrap_or_default())
}

/// Reads them back. `names` are those in the API, `text` is what stands in a field.
pub fn read(reading: &mut Reading, names: [&str; 5], text: impl Fn(usize) -> String) -> RateLimits {
    RateLimits {
        requests_per_minute: reading.number(names[0], &text(0)),
        requests_per_day: reading.number(names[1], &text(1)),
        tokens_per_minute: reading.number(names[2], &text(2)),
        tokens_per_day: reading.number(names[3], &text(3)),
        concurrent_requests: reading.number(names[4], &text(4)),
    }
}
