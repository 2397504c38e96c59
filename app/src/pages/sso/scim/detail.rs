//! The drawer of one SCIM client: what is known of it, and the way to revoke its token.

use super::revoke::Revoking;
use super::{CLIENT, table::StatusBadge};
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::tabs::TAB;
use crate::components::when::WhenExact;
use crate::pages::sso::LOG;
use crate::query::use_goto;
use crate::viewer::Dated;
use leptos::prelude::*;
use model::scim::ScimClient;

/// The drawer.
#[component]
pub fn ScimClientDrawer(
    /// The client.
    detail: Dated<ScimClient>,
    /// Whether the viewer may revoke it.
    may_write: bool,
    /// Asks before it is revoked.
    revoking: Revoking,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with(CLIENT, None)));
    let Dated { now, data: client } = detail;
    let asked = client.clone();
    let revoke = (may_write && client.revoked_at.is_none()).then(|| {
        view! {
            <div class="actions with-scripts">
                <button class="btn danger" type="button" on:click=move |_| revoking.ask(asked.clone())>
                    "Revoke"
                </button>
            </div>
        }
    });
    let revoked = client.revoked_at.map(|at| {
        view! {
            <Fact name="Revoked">
                <WhenExact at now />
            </Fact>
            <Fact name="Revoked by">{client.revoked_by.clone().unwrap_or_default()}</Fact>
            <Fact name="Reason">{client.revoke_reason.clone().unwrap_or_default()}</Fact>
        }
    });
    let bounded = match client.creator_id {
        Some(_) => "Never more than they may at that moment, and over when they leave.",
        None => "Not a person: nobody's leaving ends it.",
    };
    let name = client.name.clone();
    let adopts = if client.adopt_existing { "taken over, by their e-mail address" } else { "left alone" };
    let (id, history, of_client) = (client.id.to_string(), client.id.to_string(), client.id.to_string());
    let log =
        move || goto.href(|query| query.only(&["tenant"]).with(TAB, Some(LOG)).with("of", Some(&of_client)));
    view! {
        <Drawer title=name close>
            <p>
                <StatusBadge revoked=client.revoked_at.is_some() />
            </p>
            <dl>
                <Fact name="Token">
                    <code>{id} "…"</code>
                </Fact>
                <Fact name="Accounts that are there already">{adopts}</Fact>
                <Fact name="Created by">
                    {client.created_by} <span class="sub">{bounded}</span>
                </Fact>
                <Fact name="Created">
                    <WhenExact at=client.created_at now />
                </Fact>
                <Fact name="Last used">
                    <WhenExact at=client.last_used_at now />
                </Fact>
                {revoked}
            </dl>
            <p>
                <a class="btn" href=log>
                    "What it did"
                </a>
            </p>
            <HistoryLink kind="scim_client" id=history />
            {revoke}
        </Drawer>
    }
}
