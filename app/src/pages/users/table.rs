//! The table of users.

use super::UserList;
use super::bulk::Picked;
use crate::components::key_badges::UserBadge;
use crate::components::list::{Emptiness, EmptyList, Hidden, ListTable, RowLink, is_open};
use crate::components::table::{SortHeader, total};
use crate::components::when::When;
use leptos::either::Either;
use leptos::prelude::*;
use model::user::{User, UserFilter};
use model::{Page, Timestamp};

/// Parts of the address that stay when the filters are cleared.
const KEPT: &[&str] = &["sort"];

/// One page of users with caption, sortable headers and the way on.
#[component]
pub fn UserTable(
    /// The rows.
    page: Page<User>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: UserList,
    /// The rows that are picked, for those who may do something with them.
    picked: Option<Picked>,
) -> impl IntoView {
    let filtered = list.filter != UserFilter::default();
    if page.items.is_empty() {
        let why = Emptiness::of(list.page.cursor.is_some(), filtered);
        return Either::Left(view! {
            <EmptyList why of=("user", "users") kept=KEPT title="No users yet">
                <p>"Create one here, or on the command line with gatehouse user create."</p>
            </EmptyList>
        });
    }
    let caption = total(page.total, "user", "users") + if filtered { " match" } else { "" };
    let hidden = filtered.then_some(Hidden { rows: page.hidden, kept: KEPT });
    let sort = list.sort.to_param();
    let rows = page.items.into_iter().map(|user| view! { <UserRow user now picked /> }).collect_view();
    let head = view! {
        {picked.map(|_| view! { <th scope="col" class="pick with-scripts"><span class="hidden">"Pick"</span></th> })}
        <SortHeader label="Name" field="name" sort=sort.clone() />
        <SortHeader label="Email" field="email" sort=sort.clone() />
        <SortHeader label="Role" field="role" sort=sort.clone() />
        <SortHeader label="Organization Unit" field="organization_unit" sort=sort.clone() />
        <SortHeader label="Last Sign-In" field="last_sign_in_at" sort=sort.clone() />
        <SortHeader label="Status" field="status" sort />
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption hidden head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

#[component]
fn UserRow(user: User, now: Timestamp, picked: Option<Picked>) -> impl IntoView {
    let id = user.id.clone();
    let open = is_open("user", &id);
    let pick = picked.map(|all| {
        let (label, shown, picked) = (format!("Pick {}", user.name), user.clone(), user.clone());
        view! {
            <td class="pick with-scripts">
                <label class="check">
                    <input
                        type="checkbox"
                        autocomplete="off"
                        aria-label=label
                        prop:checked=move || all.holds(&shown)
                        on:change=move |event| all.pick(&picked, event_target_checked(&event))
                    />
                </label>
            </td>
        }
    });
    let in_tenants = (!user.assignments.is_empty()).then(|| {
        let roles = user.assignments.iter().map(|held| {
            let tenant = held.tenant_id.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{} in {tenant}", held.role)
        });
        let title = roles.collect::<Vec<_>>().join(", ");
        view! { <span class="tag" title=title>{format!("+{}", user.assignments.len())}</span> }
    });
    view! {
        <tr class:selected=open>
            {pick}
            <th scope="row">
                <RowLink drawer="user" id=id.to_string() open>
                    {user.name}
                </RowLink>
            </th>
            <td>{user.email}</td>
            <td>
                <span class="tag">{user.role.to_string()}</span> {in_tenants}
            </td>
            <td>{user.organization_unit.unwrap_or_else(|| "–".to_owned())}</td>
            <td>
                <When at=user.last_sign_in_at now />
            </td>
            <td>
                <UserBadge status=user.status />
            </td>
        </tr>
    }
}
