//! Parts of a drawer of which one is shown: links, because the address says which.

use crate::query::use_goto;
use leptos::prelude::*;

/// The name of the part in the address.
pub const TAB: &str = "tab";

/// How far one has read in a part, in the address.
pub const AFTER: &str = "after";

/// The part that is open; empty for the first.
pub fn use_tab() -> Memo<String> {
    let goto = use_goto();
    Memo::new(move |_| goto.query().with(|query| query.get(TAB).unwrap_or_default().to_owned()))
}

/// The links. The first part's value is empty.
#[component]
pub fn Tabs(
    /// What has these parts, for people who hear the page.
    label: &'static str,
    /// Value and word of each.
    tabs: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let goto = use_goto();
    let open = use_tab();
    let links = tabs
        .into_iter()
        .map(|(value, word)| {
            view! {
                <a
                    href=move || goto.href(|query| query.with(AFTER, None).with(TAB, Some(value)))
                    aria-current=move || (*open.read() == value).then_some("true")
                    data-noscroll=""
                >
                    {word}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            {links}
        </nav>
    }
}
