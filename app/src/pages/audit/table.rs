//! The table of the audit log.

use super::list::{AuditList, open_row};
use crate::components::badge::{Badge, Tone};
use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::table::{Pager, SortHeader, total};
use crate::components::when::When;
use crate::format::absolute;
use crate::query::use_goto;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::audit::{AuditFilter, AuditResult, AuditRow};
use model::page::SortDirection;
use model::{Page, Timestamp};

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
    let goto = use_goto();
    if page.items.is_empty() {
        return Either::Left(if list.page.cursor.is_some() {
            let first = goto.href_now(|query| query.with("cursor", None));
            EitherOf3::A(view! { <FilteredAway title="There are no more rows" clear=first /> })
        } else if list.filter == AuditFilter::default() {
            EitherOf3::B(view! {
                <NothingYet title="Nothing is written down yet">
                    <p>"Every sign-in, every change and every refused attempt will stand here."</p>
                </NothingYet>
            })
        } else {
            let clear = goto.href_now(|query| query.only(&[]));
            EitherOf3::C(view! { <FilteredAway title="No row matches these filters" clear /> })
        });
    }
    let first = match list.order.0 {
        SortDirection::Ascending => "oldest first",
        SortDirection::Descending => "newest first",
    };
    let caption = format!("{}, {first}.", total(page.total, "row", "rows"));
    let sort = Signal::stored(list.order.to_param());
    let rows = page.items.into_iter().map(|row| view! { <Row row now /> }).collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <SortHeader label="Time" field="at" sort />
                        <th scope="col">"Actor"</th>
                        <th scope="col">"Action"</th>
                        <th scope="col">"Target"</th>
                        <th scope="col">"Result"</th>
                        <th scope="col">"IP"</th>
                        <th scope="col">"Tenant"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor />
    })
}

#[component]
fn Row(row: AuditRow, now: Timestamp) -> impl IntoView {
    let goto = use_goto();
    let seq = row.seq;
    let open = Memo::new(move |_| goto.query().with(|query| open_row(query) == Some(seq)));
    let target = target_name(&row);
    let kind = row.target_type.replace('_', " ");
    view! {
        <tr class:selected=open>
            <th scope="row">
                <a
                    class="row-link"
                    id=format!("row-{seq}")
                    href=move || goto.href(|query| query.with("row", Some(&seq.to_string())))
                    aria-current=move || open.get().then_some("true")
                    data-noscroll=""
                >
                    <When at=row.at now />
                    <span class="hidden">{format!(", row {seq}")}</span>
                </a>
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
