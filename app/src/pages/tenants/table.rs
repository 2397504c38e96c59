//! The table of tenants.

use super::{TenantList, open_tenant};
use crate::components::badge::{Badge, Tone};
use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::table::{Pager, total};
use crate::format::{count, usd};
use crate::query::use_goto;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::Page;
use model::tenant::{TenantFilter, TenantStatus, TenantView};

/// One page of tenants with caption and the way on.
#[component]
pub fn TenantTable(
    /// The rows.
    page: Page<TenantView>,
    /// What was asked for.
    list: TenantList,
) -> impl IntoView {
    let goto = use_goto();
    if page.items.is_empty() {
        return Either::Left(if list.page.cursor.is_some() {
            let first = goto.href_now(|query| query.with("cursor", None));
            EitherOf3::A(view! { <FilteredAway title="There are no more tenants" clear=first /> })
        } else if list.filter == TenantFilter::default() {
            EitherOf3::B(view! {
                <NothingYet title="No tenants here">
                    <p>"None that you may see. Whoever assigns roles can give you one for a tenant."</p>
                </NothingYet>
            })
        } else {
            let clear = goto.href_now(|query| query.only(&[]));
            EitherOf3::C(view! { <FilteredAway title="No tenant matches these filters" clear /> })
        });
    }
    let caption = format!(
        "{}, by slug. A month begins on its first day at 0:00 UTC.",
        total(page.total, "tenant", "tenants")
    );
    let rows = page.items.into_iter().map(|view| view! { <TenantRow tenant=view /> }).collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Slug"</th>
                        <th scope="col">"Members"</th>
                        <th scope="col">"Active keys"</th>
                        <th scope="col">"Spend this month"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor />
    })
}

/// A figure, or a word for one that isn't the viewer's to see.
pub fn figure(number: Option<u64>) -> String {
    number.map_or_else(|| "not shown".to_owned(), count)
}

/// A tenant's status.
#[component]
pub fn TenantBadge(
    /// The status.
    status: TenantStatus,
) -> impl IntoView {
    let (tone, text) = match status {
        TenantStatus::Active => (Tone::Good, "Active"),
        TenantStatus::Suspended => (Tone::Bad, "Suspended"),
    };
    view! { <Badge tone text /> }
}

#[component]
fn TenantRow(tenant: TenantView) -> impl IntoView {
    let goto = use_goto();
    let TenantView { tenant, members, active_keys, month_cost_usd } = tenant;
    let id = tenant.id.clone();
    let open = {
        let id = id.clone();
        Memo::new(move |_| goto.query().with(|query| open_tenant(query).as_ref() == Some(&id)))
    };
    view! {
        <tr class:selected=open>
            <th scope="row">
                <a
                    class="row-link"
                    id=format!("row-{id}")
                    href=move || goto.href(|query| query.with("slug", Some(id.as_str())))
                    aria-current=move || open.get().then_some("true")
                    data-noscroll=""
                >
                    {tenant.name}
                </a>
            </th>
            <td>
                <code>{tenant.id.to_string()}</code>
            </td>
            <td>{figure(members)}</td>
            <td>{figure(active_keys)}</td>
            <td>{month_cost_usd.map_or_else(|| "not shown".to_owned(), usd)}</td>
            <td>
                <TenantBadge status=tenant.status />
            </td>
        </tr>
    }
}
