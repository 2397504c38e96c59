//! Points in time.

use crate::format::{absolute, relative};
use leptos::either::Either;
use leptos::prelude::*;
use model::Timestamp;

/// How long ago; the exact time on hover, and in a row that has the focus. "never" is written.
#[component]
pub fn When(
    /// The moment.
    #[prop(into)]
    at: Option<Timestamp>,
    /// The server's time at which it was read.
    now: Timestamp,
) -> impl IntoView {
    match at {
        None => Either::Left(view! { <span class="never">"never"</span> }),
        Some(at) => {
            let exact = absolute(at);
            Either::Right(view! {
                <time datetime=at.to_string() title=exact.clone() data-exact=exact>
                    {relative(now, at)}
                </time>
            })
        }
    }
}

/// How long ago with the exact time beside it, for details.
#[component]
pub fn WhenExact(
    /// The moment.
    #[prop(into)]
    at: Option<Timestamp>,
    /// The server's time at which it was read.
    now: Timestamp,
) -> impl IntoView {
    match at {
        None => Either::Left(view! { <span class="never">"never"</span> }),
        Some(at) => Either::Right(view! {
            <time datetime=at.to_string()>
                {relative(now, at)} <span class="sub">{absolute(at)}</span>
            </time>
        }),
    }
}
