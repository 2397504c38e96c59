//! Single sign-on: identity providers, what becomes of what they say about people, and provisioning by them.

pub mod mapping;
pub mod providers;
pub mod provisioning;
pub mod scim;

use crate::components::head::Head;
use crate::components::tabs::{TAB, use_tab};
use crate::query::use_goto;
use leptos::either::EitherOf4;
use leptos::prelude::*;
use mapping::MappingTab;
use providers::ProvidersTab;
use provisioning::ProvisioningLog;
use scim::ScimClients;

/// The role mapping's tab, in the address.
pub const MAPPING: &str = "mapping";
/// That of SCIM clients.
pub const SCIM: &str = "scim";
/// That of the provisioning log.
pub const LOG: &str = "log";

/// The parts: word in the address, word on the page. The first is shown when the address names none.
const TABS: [(&str, &str); 4] =
    [("", "Identity providers"), (MAPPING, "Role mapping"), (SCIM, "SCIM"), (LOG, "Provisioning log")];

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
        <Head
            title="Single sign-on"
            about="Who signs in and is provisioned through identity providers, and what they may do here"
        />
        <nav class="tabs" aria-label="Parts of single sign-on">
            {links}
        </nav>
        {move || match tab.read().as_str() {
            MAPPING => EitherOf4::B(view! { <MappingTab /> }),
            SCIM => EitherOf4::C(view! { <ScimClients /> }),
            LOG => EitherOf4::D(view! { <ProvisioningLog /> }),
            _ => EitherOf4::A(view! { <ProvidersTab /> }),
        }}
    }
}
