//! Why a list is empty: nothing there yet, or filtered away. (Not allowed: see [`super::failure`].)

use leptos::prelude::*;

/// Nothing there yet: what to do.
#[component]
pub fn NothingYet(
    /// What isn't there: "No keys yet".
    #[prop(into)]
    title: String,
    /// What to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            {children()}
        </div>
    }
}

/// Filtered away: the way back to the whole list.
#[component]
pub fn FilteredAway(
    /// What doesn't match: "No key matches these filters".
    #[prop(into)]
    title: String,
    /// The address without filters.
    #[prop(into)]
    clear: String,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p>
                <a class="btn" href=clear data-noscroll="">
                    "Clear filters"
                </a>
            </p>
        </div>
    }
}
