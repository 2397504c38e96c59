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

/// Nothing here: the way to where something is.
#[component]
pub fn FilteredAway(
    /// What doesn't match: "No key matches these filters".
    #[prop(into)]
    title: String,
    /// The address without filters, or of the first page.
    #[prop(into)]
    clear: String,
    /// What going there is called.
    #[prop(default = "Clear filters")]
    words: &'static str,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            <p>
                <a class="btn" href=clear data-noscroll="">
                    {words}
                </a>
            </p>
        </div>
    }
}
