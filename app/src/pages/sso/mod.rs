//! Single sign-on: identity providers, and what becomes of what they say about people.

pub mod mapping;
pub mod providers;

use crate::components::head::Head;
use crate::components::tabs::{TAB, use_tab};
use crate::query::use_goto;
use leptos::either::Either;
use leptos::prelude::*;
use mapping::MappingTab;
use providers::ProvidersTab;

/// The role mapping's tab, in the address.
pub const MAPPING: &str = "mapping";

/// The parts: word in the address, word on the page. The first is shown when the address names none.
const TABS: [(&str, &str); 2] = [("", "Identity providers"), (MAPPING, "Role mapping")];

/// The page: one part of it at a time, as the address says.
#[component]
pub fn SsoPage() -> impl IntoView {
    let goto = use_goto();
    let tab = use_tab();
    let links = TABS
        .into_iter()
        .map(|(value, word)| {
            view! {
                <a
                    // Drawer, filters and page are those of one part.
                    href=move || goto.href(|query| query.only(&["tenant"]).with(TAB, Some(value)))
                    aria-current=move || (*tab.read() == value).then_some("page")
                    data-noscroll=""
                >
                    {word}
                </a>
            }
        })
        .collect_view();
    view! {
        <Head title="Single sign-on" about="Who signs in through identity providers, and what they may do here" />
        <nav class="tabs" aria-label="Parts of single sign-on">
            {links}
        </nav>
        {move || match tab.read().as_str() {
            MAPPING => Either::Right(view! { <MappingTab /> }),
            _ => Either::Left(view! { <ProvidersTab /> }),
        }}
    }
}
