//! Rate limits: of the key, or of each person behind it.

use crate::components::form::{Form, Section, TextField};
use crate::format::count;
use crate::pages::keys::words;
use leptos::prelude::*;
use model::limits::RateLimits;

/// The section.
#[component]
pub fn Limits(
    /// The form.
    form: Form,
    /// What is set now.
    limits: RateLimits,
) -> impl IntoView {
    let names = [
        "rate_limits.requests_per_minute",
        "rate_limits.requests_per_day",
        "rate_limits.tokens_per_minute",
        "rate_limits.tokens_per_day",
        "rate_limits.concurrent_requests",
    ];
    view! {
        <Section form title="Limits" summary=words::limits(&limits) fields=&["rate_limits"]>
            <LimitFields form names limits />
        </Section>
    }
}

/// The five figures.
#[component]
pub fn LimitFields(
    /// The form.
    form: Form,
    /// The figures' names in the API.
    names: [&'static str; 5],
    /// What is set now.
    limits: RateLimits,
) -> impl IntoView {
    let shown = |limit: Option<u64>| limit.map(count).unwrap_or_default();
    let [requests_per_minute, requests_per_day, tokens_per_minute, tokens_per_day, concurrent_requests] =
        names;
    let fields = [
        (requests_per_minute, "Requests per minute", limits.requests_per_minute.map(u64::from)),
        (requests_per_day, "Requests per day", limits.requests_per_day.map(u64::from)),
        (tokens_per_minute, "Tokens per minute", limits.tokens_per_minute),
        (tokens_per_day, "Tokens per day", limits.tokens_per_day),
        (concurrent_requests, "Requests at the same time", limits.concurrent_requests.map(u64::from)),
    ];
    view! {
        <div class="two">
            {fields
                .into_iter()
                .map(|(field, label, limit)| {
                    view! { <TextField form field label value=shown(limit) inputmode="numeric" maxlength=20 /> }
                })
                .collect_view()}
        </div>
        <p class="sub">"Empty: no limit. A minute is any 60 seconds; the day is the UTC day; tokens are input and output."</p>
    }
}
