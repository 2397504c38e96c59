//! The audit log: the list with its filters, the drawer of one row, the check of the chain, the exports.

pub mod detail;
pub mod export;
pub mod filters;
pub mod list;
pub mod table;
pub mod verify;

use crate::components::allowed::Allowed;
use crate::components::head::Head;
use crate::components::list_card::ListAndDrawer;
use crate::components::listing::Listing;
use crate::server_fns::audit::{list_audit, read_audit};
use crate::viewer::{AUDIT_READ, Dated, use_viewer};
use detail::AuditDrawer;
use export::Exports;
use filters::Filters;
use leptos::prelude::*;
use list::AuditList;
use table::AuditTable;
use verify::Verify;

/// The page.
#[component]
pub fn AuditPage() -> impl IntoView {
    let viewer = use_viewer();
    let listing = Listing::<_, i64>::new("row", AuditList::from_query);
    let rows = listing.rows(|asked| list_audit(asked.filter, asked.order, asked.page));
    let detail = listing.detail(read_audit);
    view! {
        <Head title="Audit log" about="What was done, and what was refused">
            <Exports list=listing.asked />
        </Head>
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                // The chain runs through all tenants: who sees only some can't check it.
                viewer.await.ok().flatten()?.rights.may(AUDIT_READ).then(|| view! { <Verify /> })
            })}
        </Suspense>
        <Allowed permission=AUDIT_READ>
            <Filters />
        </Allowed>
        <ListAndDrawer
            rows
            list=move |Dated { now, data }, _| {
                let list = listing.asked.get_untracked();
                view! { <AuditTable page=data now list /> }.into_any()
            }
            detail
            drawer=|detail, _| view! { <AuditDrawer detail /> }.into_any()
        />
    }
}
