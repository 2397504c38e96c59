//! The audit log: the list with its filters, the drawer of one row, the check of the chain, the exports.

pub mod detail;
pub mod export;
pub mod filters;
pub mod list;
pub mod table;
pub mod verify;

use crate::components::allowed::Allowed;
use crate::components::drawer::MissingDrawer;
use crate::components::failure::Failure;
use crate::components::list_card::{ListCard, give_focus_back};
use crate::query::use_query;
use crate::server_fns::audit::{list_audit, read_audit};
use crate::viewer::{AUDIT_READ, use_viewer};
use detail::AuditDrawer;
use export::Exports;
use filters::Filters;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos_meta::Title;
use list::{AuditList, open_row};
use table::AuditTable;
use verify::Verify;

/// The page.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query();
    let list = Memo::new(move |_| query.with(AuditList::from_query));
    let open = Memo::new(move |_| query.with(open_row));
    let rows =
        Resource::new_blocking(move || list.get(), |list| list_audit(list.filter, list.order, list.page));
    let detail = Resource::new_blocking(
        move || open.get(),
        |seq| async move {
            match seq {
                Some(seq) => read_audit(seq).await.map(Some),
                None => Ok(None),
            }
        },
    );
    let viewer = use_viewer();
    let pending = RwSignal::new(false);
    give_focus_back(open);
    view! {
        <Title text="Audit log" />
        <div class="head">
            <h1>"Audit log"</h1>
            <p>"What was done, and what was refused"</p>
            <Exports list />
        </div>
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                // The chain runs through all tenants: who sees only some can't check it.
                viewer.await.ok().flatten()?.rights.may(AUDIT_READ).then(|| view! { <Verify /> })
            })}
        </Suspense>
        <Allowed permission=AUDIT_READ>
            <Filters />
        </Allowed>
        <div class="cols">
            <ListCard pending>
                <Transition fallback=|| () set_pending=pending>
                    {move || Suspend::new(async move {
                        match rows.await {
                            Ok(dated) => {
                                let list = list.get_untracked();
                                Either::Left(view! { <AuditTable page=dated.data now=dated.now list /> })
                            }
                            Err(error) => Either::Right(view! { <Failure error whole_page=true /> }),
                        }
                    })}
                </Transition>
            </ListCard>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(Some(detail)) => EitherOf3::A(view! { <AuditDrawer detail /> }),
                        Ok(None) => EitherOf3::B(()),
                        Err(error) => EitherOf3::C(view! { <MissingDrawer error /> }),
                    }
                })}
            </Transition>
        </div>
    }
}
