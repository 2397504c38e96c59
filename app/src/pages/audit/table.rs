//! The table of the audit log.

use super::list::AuditList;
use crate::components::badge::{Badge, Tone};
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable, RowLink, is_open};
use crate::components::table::{SortHeader, total};
use crate::components::when::When;
use crate::format::absolute;
use leptos::either::Either;
use leptos::prelude::*;
use model::audit::{AuditFilter, AuditResult, AuditRow};
use model::page::SortDirection;
use model::{Page, Timestamp};

/// Parts of the address that stay when the filters are cleared.
const KEPT: &[&str] = &[];

/// One page of rows with caption and the way on.
#[component]
pub fn AuditTable(
    /// The rows.
    page: Page<AuditRow>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: AuditList,
) -> impl IntoView {
    let filtered = list.filter != AuditFilter::default();
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), filtered);
        return Either::Left(view! {
            <EmptyList why of=("row", "rows") kept=KEPT title="Nothing is written down yet">
                <p>"Every sign-in, every change and every refused attempt will stand here."</p>
            </EmptyList>
        });
    }
    let first = match list.order.0 {
        SortDirection::Ascending => "oldest first",
        SortDirection::Descending => "newest first",
    };
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let caption = format!("{}, {first}", total(page.total, "row", "rows"));
    let sort = Signal::stored(list.order.to_param());
    let rows = page.items.into_iter().map(|row| view! { <Row row now /> }).collect_view();
    let head = view! {
        <SortHeader label="Time" field="at" sort />
        <th scope="col">"Actor"</th>
        <th scope="col">"Action"</th>
        <th scope="col">"Target"</th>
        <th scope="col">"Result"</th>
        <th scope="col">"IP"</th>
        <th scope="col">"Tenant"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption hidden head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

#[component]
fn Row(row: AuditRow, now: Timestamp) -> impl IntoView {
    let seq = row.seq;
    let open = is_open("row", &seq);
    let target = target_name(&row);
    let kind = row.target_type.replace('_', " ");
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="row" id=seq.to_string() open>
                    <When at=row.at now />
                    <span class="hidden">{format!(", row {seq}")}</span>
                </RowLink>
                <small>{absolute(row.at)}</small>
            </th>
            <td class="clipped">{row.actor}</td>
            <td>
                <code>{row.action}</code>
            </td>
            <td class="clipped">{target} <small>{kind}</small></td>
            <td>
                <ResultBadge result=row.result />
            </td>
            <td>{row.ip.unwrap_or_else(|| "none".to_owned())}</td>
            <td>{row.tenant_id.map_or_else(|| "none".to_owned(), |id| id.to_string())}</td>
        </tr>
    }
}

/// What an object is called: its name, or else its id, or that there was none.
pub fn target_name(row: &AuditRow) -> String {
    let known = [&row.target_name, &row.target_id].into_iter().find(|text| !text.is_empty());
    known.cloned().unwrap_or_else(|| "none".to_owned())
}

/// The result, by shape and word.
#[component]
pub fn ResultBadge(
    /// Which.
    result: AuditResult,
) -> impl IntoView {
    let tone = match result {
        AuditResult::Success => Tone::Good,
        AuditResult::Denied => Tone::Bad,
        AuditResult::Failure => Tone::Warning,
    };
    view! { <Badge tone text=result.label() /> }
}
