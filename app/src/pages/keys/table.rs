//! The table of keys.

use crate::components::key_badges::KeyBadges;
use crate::components::list::{Emptiness, EmptyList, ListTable, RowLink, is_open};
use crate::components::table::{SortHeader, total};
use crate::components::when::When;
use crate::pages::keys::look::{Column, KeyLook};
use crate::pages::keys::selection::{Choose, ChooseAll, Selection};
use crate::pages::keys::{ALL_STATUSES, KeyList};
use crate::query::use_goto;
use leptos::either::{Either, EitherOf4};
use leptos::prelude::*;
use model::key::{Environment, KeyKind, KeyStatus, KeyView};
use model::user::UserStatus;
use model::{Page, Timestamp, Total};

/// One page of keys with caption, sortable headers and the way on.
#[component]
pub fn KeyTable(
    /// The rows.
    page: Page<KeyView>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: KeyList,
    /// Which columns, and how tight.
    look: KeyLook,
    /// Rows can be chosen.
    #[prop(optional_no_strip)]
    selection: Option<Selection>,
    /// What to do while there are none at all.
    #[prop(into)]
    nothing_yet: ViewFn,
) -> impl IntoView {
    let hidden = page.hidden;
    if let Some(selection) = selection {
        selection.shows(&page.items, now);
    }
    let show_hidden = (hidden.count > 0).then(|| view! { <ShowHidden hidden /> });
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), list.is_filtered());
        let empty = view! {
            <EmptyList why of=("key", "keys") kept=&["sort"] title="No keys yet">
                {nothing_yet.run()}
            </EmptyList>
        };
        return Either::Left(view! {
            {empty}
            {show_hidden.map(|link| view! { <p class="empty-hidden">{link}</p> })}
        });
    }
    let caption = caption(&list, &total(page.total, "key", "keys"));
    let sort = list.sort.to_param();
    let compact = look.compact;
    let heads = look
        .columns()
        .map(|column| match column.sort() {
            Some(field) => {
                Either::Left(view! { <SortHeader label=column.label() field sort=sort.clone() /> })
            }
            None => Either::Right(view! { <th scope="col">{column.label()}</th> }),
        })
        .collect_view();
    let stale = list.filter.unused_days.is_some();
    let rows = page
        .items
        .into_iter()
        .map(|key| view! { <KeyRow key_view=key now look=look.clone() selection stale /> })
        .collect_view();
    let head = view! {
        {selection.map(|selection| view! { <ChooseAll selection /> })}
        <SortHeader label="Key Name" field="name" sort=sort.clone() />
        {heads}
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption beside=show_hidden.into_any() compact head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

/// How many revoked keys the list leaves out, and the way to them.
#[component]
pub fn ShowHidden(
    /// How many.
    hidden: Total,
) -> impl IntoView {
    let goto = use_goto();
    view! {
        " "
        {format!("{} hidden, ", total(hidden, "revoked key is", "revoked keys are"))}
        <a href=move || goto.href(|query| query.filtered("status", Some(ALL_STATUSES))) data-noscroll="">
            "show them"
        </a>
        "."
    }
}

/// "37 keys unused over 90 days, longest unused first".
fn caption(list: &KeyList, total: &str) -> String {
    let filter = &list.filter;
    let unused = filter.unused_days.map(|days| format!(" unused over {days} days"));
    let expiring = filter.expiring_days.map(|days| format!(" expiring within {days} days"));
    let owner = if filter.owner_inactive { " whose owner is inactive" } else { "" };
    let oldest_first = unused.is_some() && list.sort.to_param() == "last_used_at";
    let order = if oldest_first { ", never used and longest unused first" } else { "" };
    format!("{total}{}{}{owner}{order}", unused.unwrap_or_default(), expiring.unwrap_or_default())
}

#[component]
fn KeyRow(
    key_view: KeyView,
    now: Timestamp,
    look: KeyLook,
    selection: Option<Selection>,
    stale: bool,
) -> impl IntoView {
    let key = key_view;
    let id = key.id;
    let open = is_open("key", &id);
    let tick = selection.map(|selection| {
        let revoked = key.status == KeyStatus::Revoked;
        view! { <Choose selection id name=key.name.clone() revoked /> }
    });
    let cells =
        look.columns().map(|column| view! { <Cell column key_view=key.clone() now stale /> }).collect_view();
    view! {
        <tr class:selected=open>
            {tick}
            <th scope="row">
                <RowLink drawer="key" id=id.to_string() open>
                    {key.name.clone()}
                </RowLink>
                <small>{key.tenant_name.clone()}</small>
            </th>
            {cells}
        </tr>
    }
}

#[component]
fn Cell(column: Column, key_view: KeyView, now: Timestamp, stale: bool) -> impl IntoView {
    let key = key_view;
    let text = match column {
        Column::Owner => return EitherOf4::A(view! { <OwnerCell key_view=key stale /> }),
        Column::Status => {
            return EitherOf4::B(view! {
                <td>
                    <KeyBadges key now />
                </td>
            });
        }
        Column::Created => return EitherOf4::C(view! { <TimeCell at=Some(key.created_at) now /> }),
        Column::Expires => return EitherOf4::C(view! { <TimeCell at=key.expires_at now /> }),
        Column::LastUsed => return EitherOf4::C(view! { <TimeCell at=key.last_used_at now /> }),
        Column::Prefix => {
            return EitherOf4::D(Either::Left(view! {
                <td>
                    <code>{key.prefix} "…"</code>
                </td>
            }));
        }
        Column::Kind => match key.kind {
            KeyKind::Standard => "Standard",
            KeyKind::Restricted => "Restricted",
        }
        .to_owned(),
        Column::Environment => match key.environment {
            Environment::Sandbox => "Sandbox",
            Environment::Production => "Production",
        }
        .to_owned(),
        Column::UserPath => key.user_path.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string),
        Column::Tags => tags(&key),
    };
    EitherOf4::D(Either::Right(view! { <td>{text}</td> }))
}

fn tags(key: &KeyView) -> String {
    let all: Vec<_> = key.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if all.is_empty() { "–".to_owned() } else { all.join(", ") }
}

#[component]
fn TimeCell(at: Option<Timestamp>, now: Timestamp) -> impl IntoView {
    view! {
        <td>
            <When at now />
        </td>
    }
}

/// Who owns it. Whether somebody who left has it is what one wants to know of a key that nobody uses.
#[component]
fn OwnerCell(key_view: KeyView, stale: bool) -> impl IntoView {
    let key = key_view;
    let (name, second) = match (&key.owner_name, &key.owner_email) {
        (Some(name), Some(email)) if name != email => (email.clone(), Some(name.clone())),
        (_, Some(email)) => (email.clone(), None),
        _ => (format!("{} (service)", key.tenant_name), None),
    };
    let status = key.owner_status.filter(|status| stale || *status == UserStatus::Inactive);
    let account = status.map(|status| match status {
        UserStatus::Active => "account active",
        UserStatus::Inactive => "account inactive",
    });
    let below: Vec<_> = second.into_iter().chain(account.map(ToOwned::to_owned)).collect();
    let below = (!below.is_empty()).then(|| view! { <small>{below.join(", ")}</small> });
    view! { <td>{name} {below}</td> }
}
