//! The table of users.

use super::{UserList, open_user};
use crate::components::empty::{FilteredAway, NothingYet};
use crate::components::key_badges::UserBadge;
use crate::components::table::{Pager, SortHeader, total};
use crate::components::when::When;
use crate::query::use_goto;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::user::{User, UserFilter};
use model::{Page, Timestamp};

/// One page of users with caption, sortable headers and the way on.
#[component]
pub fn UserTable(
    /// The rows.
    page: Page<User>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// What was asked for.
    list: UserList,
) -> impl IntoView {
    let goto = use_goto();
    if page.items.is_empty() {
        return Either::Left(if list.page.cursor.is_some() {
            let first = goto.href_now(|query| query.with("cursor", None));
            EitherOf3::A(view! { <FilteredAway title="There are no more users" clear=first /> })
        } else if list.filter == UserFilter::default() {
            EitherOf3::B(view! {
                <NothingYet title="No users yet">
                    <p>"Accounts are made from the command line: gatehouse user create."</p>
                </NothingYet>
            })
        } else {
            let clear = goto.href_now(|query| query.only(&["sort"]));
            EitherOf3::C(view! { <FilteredAway title="No user matches these filters" clear /> })
        });
    }
    let caption = format!("{}.", total(page.total, "user", "users"));
    let sort = list.sort.to_param();
    let rows = page.items.into_iter().map(|user| view! { <UserRow user now /> }).collect_view();
    Either::Right(view! {
        <div class="table-wrap">
            <table class="list">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <SortHeader label="Name" field="name" sort=sort.clone() />
                        <SortHeader label="Email" field="email" sort=sort.clone() />
                        <th scope="col">"Role"</th>
                        <th scope="col">"Organization Unit"</th>
                        <SortHeader label="Last Sign-In" field="last_sign_in_at" sort />
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
fn UserRow(user: User, now: Timestamp) -> impl IntoView {
    let goto = use_goto();
    let id = user.id.clone();
    let open = {
        let id = id.clone();
        Memo::new(move |_| goto.query().with(|query| open_user(query).as_ref() == Some(&id)))
    };
    view! {
        <tr class:selected=open>
            <th scope="row">
                <a
                    class="row-link"
                    id=format!("row-{id}")
                    href=move || goto.href(|query| query.with("user", Some(id.as_str())))
                    aria-current=move || open.get().then_some("true")
                    data-noscroll=""
                >
                    {user.name}
                </a>
            </th>
            <td>{user.email}</td>
            <td>
                <span class="tag">{user.role.to_string()}</span>
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
