//! Taking out what a list shows: plain links, so that the browser saves the file.

use leptos::prelude::*;

/// A link to a file.
#[component]
pub fn Download(
    /// Its address.
    #[prop(into)]
    href: Signal<String>,
    /// The words: "Export CSV".
    label: &'static str,
) -> impl IntoView {
    // A full load: the answer is a file and no page of ours.
    view! {
        <a class="btn" href=href rel="external" download="">
            {label}
        </a>
    }
}
