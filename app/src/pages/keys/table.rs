//! The table of keys.

use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::key_badges::KeyBadges;
use crate::components::table::{Pager, SortHeader, total};
use crate::components::when::When;
use crate::pages::keys::{ALL_STATUSES, KeyList, open_key};
use crate::query::use_goto;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::key::KeyView;
use model::{Page, Timestamp};

/// One page of keys with caption, sortable headers and the way on.
#[component]
pub fn KeyTable(
    /// The rows.
    page: Page<KeyView>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: KeyList,
    /// Shows whose keys they are.
    #[prop(optional)]
    owners: bool,
    /// What to do while there are none at all.
    #[prop(into)]
    nothing_yet: ViewFn,
) -> impl IntoView {
    let goto = use_goto();
    let hidden = page.hidden;
    let show_hidden = (hidden.count > 0).then(|| {
        view! {
            " "
            {format!("{} hidden, ", total(hidden, "revoked key is", "revoked keys are"))}
            <a href=move || goto.href(|query| query.filtered("status", Some(ALL_STATUSES))) data-noscroll="">
                "show them"
            </a>
            "."
        }
    });
    if page.items.is_empty() {
        let empty = if list.page.cursor.is_some() {
            let first = goto.href_now(|query| query.with("cursor", None));
            EitherOf3::A(view! { <FilteredAway title="There are no more keys" clear=first /> })
        } else if list.is_filtered() {
            let clear = goto.href_now(|query| query.only(&["sort"]));
            EitherOf3::B(view! { <FilteredAway title="No key matches these filters" clear /> })
        } else {
            EitherOf3::C(view! { <NothingYet title="No keys yet">{nothing_yet.run()}</NothingYet> })
        };
        return Either::Left(view! {
            {empty}
            {show_hidden.map(|link| view! { <p class="empty-hidden">{link}</p> })}
        });
    }
    let unused = list.filter.unused_days.map(|days| format!(" unused over {days} days")).unwrap_or_default();
    let caption = format!("{}{unused}.", total(page.total, "key", "keys"));
    let sort = list.sort.to_param();
    let rows = page.items.into_iter().map(|key| view! { <KeyRow key_view=key now owners /> }).collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption} {show_hidden}</caption>
                <thead>
                    <tr>
                        <SortHeader label="Key Name" field="name" sort=sort.clone() />
                        {owners.then(|| view! { <th scope="col">"Owner"</th> })}
                        <th scope="col">"Key Prefix"</th>
                        <SortHeader label="Created" field="created_at" sort=sort.clone() />
                        <SortHeader label="Last Used" field="last_used_at" sort />
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor />
    })
}

#[component]
fn KeyRow(key_view: KeyView, now: Timestamp, owners: bool) -> impl IntoView {
    let key = key_view;
    let goto = use_goto();
    let id = key.id;
    let open = Memo::new(move |_| goto.query().with(open_key) == Some(id));
    let owner = owners.then(|| {
        let (name, second) = match (&key.owner_name, &key.owner_email) {
            (Some(name), Some(email)) if name != email => (email.clone(), Some(name.clone())),
            (_, Some(email)) => (email.clone(), None),
            _ => (format!("{} (service)", key.tenant_name), None),
        };
        view! { <td>{name} {second.map(|text| view! { <small>{text}</small> })}</td> }
    });
    view! {
        <tr class:selected=open>
            <th scope="row">
                <a
                    class="row-link"
                    id=format!("row-{id}")
                    href=move || goto.href(|query| query.with("key", Some(id.as_str())))
                    aria-current=move || open.get().then_some("true")
                    data-noscroll=""
                >
                    {key.name.clone()}
                </a>
                <small>{key.tenant_name.clone()}</small>
            </th>
            {owner}
            <td>
                <code>{key.prefix.clone()} "…"</code>
            </td>
            <td>
                <When at=key.created_at now />
            </td>
            <td>
                <When at=key.last_used_at now />
            </td>
            <td>
                <KeyBadges key now />
            </td>
        </tr>
    }
}
