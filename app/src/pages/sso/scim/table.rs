//! The table of SCIM clients.

use super::CLIENT;
use crate::components::badge::{Badge, Tone};
use crate::components::list::{Emptiness, EmptyList, ListTable, RowLink, is_open};
use crate::components::table::total;
use crate::components::when::When;
use crate::pages::keys::ALL_STATUSES;
use crate::query::use_goto;
use leptos::either::Either;
use leptos::prelude::*;
use model::scim::ScimClient;
use model::{Page, Timestamp, Total};

/// One page of SCIM clients with caption and the way on.
#[component]
pub fn ScimClientTable(
    /// The rows.
    page: Page<ScimClient>,
    /// The server's time at which they were read.
    now: Timestamp,
    /// Whether pages came before.
    later: bool,
) -> impl IntoView {
    let hidden = page.hidden;
    let show_hidden = (hidden.count > 0).then(|| view! { <Hidden hidden /> });
    if page.items.is_empty() {
        return Either::Left(view! {
            <EmptyList
                why=Emptiness::of(later, false)
                of=("SCIM client", "SCIM clients")
                kept=&["tab", "status"]
                title="No SCIM clients"
            >
                <p>
                    "Create one for each identity provider that provisions accounts (Okta, Entra, …), and give it the token and the base URL above."
                </p>
            </EmptyList>
            {show_hidden.map(|link| view! { <p class="empty-hidden">{link}</p> })}
        });
    }
    let caption = format!("{}, newest first", total(page.total, "SCIM client", "SCIM clients"));
    let rows = page.items.into_iter().map(|client| view! { <Row client now /> }).collect_view();
    let head = view! {
        <th scope="col">"Name"</th>
        <th scope="col">"Created by"</th>
        <th scope="col">"Created"</th>
        <th scope="col">"Last used"</th>
        <th scope="col">"Status"</th>
    }
    .into_any();
    Either::Right(view! {
        <ListTable caption beside=show_hidden.into_any() head next=page.next_cursor>
            {rows}
        </ListTable>
    })
}

#[component]
fn Hidden(hidden: Total) -> impl IntoView {
    let goto = use_goto();
    view! {
        " "
        {format!("{} hidden, ", total(hidden, "revoked one is", "revoked ones are"))}
        <a href=move || goto.href(|query| query.filtered("status", Some(ALL_STATUSES))) data-noscroll="">
            "show them"
        </a>
        "."
    }
}

#[component]
fn Row(client: ScimClient, now: Timestamp) -> impl IntoView {
    let (open, revoked) = (is_open(CLIENT, &client.id), client.revoked_at.is_some());
    view! {
        <tr class:selected=open>
            <th scope="row">
                <RowLink drawer=CLIENT id=client.id.to_string() open>
                    {client.name}
                </RowLink>
            </th>
            <td class="clipped">{client.created_by}</td>
            <td>
                <When at=client.created_at now />
            </td>
            <td>
                <When at=client.last_used_at now />
            </td>
            <td>
                <StatusBadge revoked />
            </td>
        </tr>
    }
}

/// Active or Revoked.
#[component]
pub fn StatusBadge(
    /// Whether its token was revoked.
    revoked: bool,
) -> impl IntoView {
    let (tone, text) = if revoked { (Tone::Bad, "Revoked") } else { (Tone::Good, "Active") };
    view! { <Badge tone text /> }
}
