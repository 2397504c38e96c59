//! The table of management keys.

use super::ManagementKeyList;
use crate::components::key_badges::StatusBadges;
use crate::components::list::{Emptiness, EmptyList, ListTable, RowLink, is_open};
use crate::components::table::total;
use crate::components::when::When;
use crate::pages::keys::table::ShowHidden;
use crate::pages::roles::matrix::amount;
use leptos::either::Either;
use leptos::prelude::*;
use model::management_key::ManagementKeyView;
use model::{Page, TenantId, Timestamp};

/// One page of management keys with caption and the way on.
#[component]
pub fn ManagementKeyTable(
    /// The rows.
    page: Page<ManagementKeyView>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: ManagementKeyList,
) -> impl IntoView {
    let hidden = page.hidden;
    let show_hidden = (hidden.count > 0).then(|| view! { <ShowHidden hidden /> });
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), list.filter.tenant_id.is_some());
        return Either::Left(view! {
            <EmptyList
                why
                of=("management key", "management keys")
                kept=&["status"]
                title="No management keys"
            >
                <p>
                    "Create one for each program that calls the Admin API, with no more scopes than it needs: then nobody has to share the master key."
                </p>
            </EmptyList>
            {show_hidden.map(|link| view! { <p class="empty-hidden">{link}</p> })}
        });
    }
    let caption = format!("{}, newest first", total(page.total, "management key", "management keys"));
    let rows = page.items.into_iter().map(|view| view! { <Row view now /> }).collect_view();
    let head = view! {
        <th scope="col">"Name"</th>
        <th scope="col">"Scopes"</th>
        <th scope="col">"Tenant"</th>
        <th scope="col">"Created by"</th>
        <th scope="col">"Created"</th>
        <th scope="col">"Last used"</th>
        <th scope="col">"Expires"</th>
        <th scope="col">"Status"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption beside=show_hidden.into_any() head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

/// Where a key acts.
pub fn place(tenant: Option<&TenantId>) -> String {
    tenant.map_or_else(|| "everywhere".to_owned(), ToString::to_string)
}

#[component]
fn Row(view: ManagementKeyView, now: Timestamp) -> impl IntoView {
    let ManagementKeyView { key, status } = view;
    let open = is_open("key", &key.id);
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer="key" id=key.id.to_string() open>
                    {key.name}
                </RowLink>
            </th>
            <td>{amount(key.permissions)}</td>
            <td>{place(key.tenant_id.as_ref())}</td>
            <td>{key.created_by}</td>
            <td>
                <When at=key.created_at now />
            </td>
            <td>
                <When at=key.last_used_at now />
            </td>
            <td>
                <When at=key.expires_at now />
            </td>
            <td>
                <StatusBadges status expires_at=key.expires_at now />
            </td>
        </tr>
    }
}
