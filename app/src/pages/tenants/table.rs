//! The table of tenants.

use super::TenantList;
use crate::components::badge::{Badge, Tone};
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable, RowLink, is_open};
use crate::components::table::total;
use crate::format::{count, usd};
use leptos::either::Either;
use leptos::prelude::*;
use model::Page;
use model::tenant::{TenantFilter, TenantStatus, TenantView};

/// Parts of the address that stay when the filters are cleared.
const KEPT: &[&str] = &[];

/// One page of tenants with caption and the way on.
#[component]
pub fn TenantTable(
    /// The rows.
    page: Page<TenantView>,
    /// What was asked for.
    list: TenantList,
) -> impl IntoView {
    let filtered = list.filter != TenantFilter::default();
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), filtered);
        return Either::Left(view! {
            <EmptyList why of=("tenant", "tenants") kept=KEPT title="No tenants here">
                    <p>"None that you may see. Whoever assigns roles can give you one for a tenant."</p>
                </EmptyList>
        });
    }
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let caption = format!("{}, by slug", total(page.total, "tenant", "tenants"));
    let rows = page.items.into_iter().map(|view| view! { <TenantRow tenant=view /> }).collect_view();
    let head = view! {
        <th scope="col">"Name"</th>
        <th scope="col">"Slug"</th>
        <th scope="col">"Members"</th>
        <th scope="col">"Active keys"</th>
        <th scope="col">"Spend this month"</th>
        <th scope="col">"Status"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable
            caption
            hidden
            beside=" A month begins on its first day at 0:00 UTC.".into_any()
            head
            next=page.next_cursor
        >
            {rows}
        </ListTable>
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
    let TenantView { tenant, members, active_keys, month_cost_usd } = tenant;
    let id = tenant.id.clone();
    let open = is_open("slug", &id);
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="slug" id=id.to_string() open>
                    {tenant.name}
                </RowLink>
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
