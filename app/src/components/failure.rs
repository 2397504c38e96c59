//! What a region shows when its data couldn't be had: what happened, what to do, and the id that finds it in the log.

use crate::error::AppError;
use crate::query::Query;
use crate::viewer::ENROL;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A failed region.
#[component]
pub fn Failure(
    /// What came back.
    error: AppError,
    /// Whether it is what the page is for: then its status is the page's status.
    #[prop(optional)]
    whole_page: bool,
) -> impl IntoView {
    let problem = *error.0;
    // Who isn't signed in, or has to enrol first, is redirected by the frame, and a redirect has its own status.
    let led = match (problem.status, &*problem.code) {
        (401, _) => Some(("/login", "Sign in")),
        (_, "second_factor_required") => Some((ENROL, "Set it up")),
        _ => None,
    };
    #[cfg(feature = "ssr")]
    if whole_page && led.is_none() {
        crate::edge::set_status(problem.status);
    }
    let _ = whole_page;
    let location = use_location();
    let way = led.map(|(to, words)| {
        let here = move || {
            let search = location.search.get();
            let mark = if search.is_empty() { "" } else { "?" };
            let here = format!("{}{mark}{search}", location.pathname.get());
            Query::default().with("next", Some(&here)).href(to)
        };
        // A full load: everything that the page still holds belongs to the session that ended.
        view! {
            <a class="btn" href=here rel="external">
                {words}
            </a>
        }
    });
    let details: Vec<String> =
        problem.errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
    view! {
        <div class="empty failure" role="alert">
            <p class="empty-title">{problem.title.into_owned()}</p>
            {problem.detail.map(|detail| view! { <p>{detail.into_owned()}</p> })}
            {details.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            {problem
                .correlation_id
                .filter(|_| problem.status >= 500)
                .map(|id| view! { <p class="sub">"Correlation id " <code>{id}</code></p> })}
            {way}
        </div>
    }
}
