//! Sign-in through identity providers, and provisioning by them.

pub mod provisioning;
pub mod scim;

use crate::components::head::Head;
use crate::components::tabs::{TAB, use_tab};
use crate::query::use_goto;
use leptos::either::Either;
use leptos::prelude::*;
use provisioning::ProvisioningLog;
use scim::ScimClients;

/// The log's tab, in the address.
pub const LOG: &str = "log";

/// The page: one part of it at a time, as the address says.
#[component]
pub fn SsoPage() -> impl IntoView {
    let goto = use_goto();
    let tab = use_tab();
    let links = [("", "SCIM"), (LOG, "Provisioning log")]
        .into_iter()
        .map(|(value, word)| {
            view! {
                <a
                    // Filters, drawer and page are those of one part.
                    href=move || goto.href(|query| query.only(&["tenant"]).with(TAB, Some(value)))
                    aria-current=move || (*tab.read() == value).then_some("true")
                >
                    {word}
                </a>
            }
        })
        .collect_view();
    view! {
        <Head title="Sign-in and SCIM" about="Identity providers make accounts here and take them away" />
        <nav class="tabs" aria-label="Parts of sign-in and SCIM">
            {links}
        </nav>
        {move || {
            if *tab.read() == LOG {
                Either::Right(view! { <ProvisioningLog /> })
            } else {
                Either::Left(view! { <ScimClients /> })
            }
        }}
    }
}
