//! The drawer of one management key: all that is known of it, and the way to revoke it.

use super::revoke::Revoking;
use super::table::place;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::key_badges::StatusBadges;
use crate::components::when::WhenExact;
use crate::pages::roles::matrix::PermissionTags;
use crate::query::use_goto;
use crate::viewer::Dated;
use leptos::prelude::*;
use model::key::KeyStatus;
use model::management_key::ManagementKeyView;

/// The drawer.
#[component]
pub fn ManagementKeyDrawer(
    /// The key.
    detail: Dated<ManagementKeyView>,
    /// Whether the viewer may revoke it.
    may_write: bool,
    /// Asks before it is revoked.
    revoking: Revoking,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("key", None)));
    let Dated { now, data: ManagementKeyView { key, status } } = detail;
    let asked = key.clone();
    let revoke = (may_write && status != KeyStatus::Revoked).then(|| {
        view! {
            <div class="actions with-scripts">
                <button class="btn danger" type="button" on:click=move |_| revoking.ask(asked.clone())>
                    "Revoke"
                </button>
            </div>
        }
    });
    let revoked = key.revoked_at.map(|at| {
        view! {
            <Fact name="Revoked">
                <WhenExact at now />
            </Fact>
            <Fact name="Revoked by">{key.revoked_by.clone().unwrap_or_default()}</Fact>
            <Fact name="Reason">{key.revoke_reason.clone().unwrap_or_default()}</Fact>
        }
    });
    let bounded = match key.creator_id {
        Some(_) => "Never more than they may at that moment.",
        None => "Not a person: bounded by its scopes alone.",
    };
    let (id, history) = (key.id.to_string(), key.id.to_string());
    view! {
        <Drawer title=key.name.clone() close>
            <p>
                <StatusBadges status expires_at=key.expires_at now />
            </p>
            <dl>
                <Fact name="Key">
                    <code>{id} "…"</code>
                </Fact>
                <Fact name="Tenant">{place(key.tenant_id.as_ref())}</Fact>
                <Fact name="Created by">
                    {key.created_by.clone()} <span class="sub">{bounded}</span>
                </Fact>
                <Fact name="Created">
                    <WhenExact at=key.created_at now />
                </Fact>
                <Fact name="Last used">
                    <WhenExact at=key.last_used_at now />
                </Fact>
                <Fact name="Expires">
                    <WhenExact at=key.expires_at now />
                </Fact>
                {revoked}
            </dl>
            <h3>"Scopes"</h3>
            <PermissionTags set=key.permissions />
            <HistoryLink kind="management_key" id=history />
            {revoke}
        </Drawer>
    }
}
