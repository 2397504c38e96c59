//! What the badges of a key and of a user say.

use crate::components::badge::{Badge, Tone};
use crate::format::span;
use leptos::prelude::*;
use model::Timestamp;
use model::key::{EXPIRES_SOON, KeyStatus, KeyView};
use model::tenant::TenantStatus;
use model::user::UserStatus;

/// A key's status, and beside it what will or does keep it from working.
#[component]
pub fn KeyBadges(
    /// The key.
    key: KeyView,
    /// The server's time at which it was read.
    now: Timestamp,
) -> impl IntoView {
    let mut second = Vec::new();
    if key.status != KeyStatus::Revoked && key.owner_status == Some(UserStatus::Inactive) {
        second.push("Owner inactive".to_owned());
    }
    if key.status != KeyStatus::Revoked && key.tenant_status == TenantStatus::Suspended {
        second.push("Tenant suspended".to_owned());
    }
    view! { <StatusBadges status=key.status expires_at=key.expires_at now second /> }
}

/// The status of a key of any sort, whether it ends soon, and what else is to be known.
#[component]
pub fn StatusBadges(
    /// The status.
    status: KeyStatus,
    /// From when on it is refused.
    expires_at: Option<Timestamp>,
    /// The server's time at which it was read.
    now: Timestamp,
    /// What else keeps it from working.
    #[prop(optional)]
    second: Vec<String>,
) -> impl IntoView {
    let tone = match status {
        KeyStatus::Active => Tone::Good,
        KeyStatus::Expired => Tone::Bad,
        KeyStatus::Revoked => Tone::Quiet,
    };
    let works = status == KeyStatus::Active;
    let soon = expires_at
        .filter(|end| works && end.since(now) <= EXPIRES_SOON)
        .map(|end| format!("Expires in {}", span(end.since(now))));
    view! {
        <span class="badges">
            <Badge tone text=status.label() />
            {soon.into_iter().chain(second).map(|text| view! { <Badge tone=Tone::Warning text /> }).collect_view()}
        </span>
    }
}

/// A user's status.
#[component]
pub fn UserBadge(
    /// The status.
    status: UserStatus,
) -> impl IntoView {
    let tone = match status {
        UserStatus::Active => Tone::Good,
        UserStatus::Inactive => Tone::Quiet,
    };
    view! { <Badge tone text=status.label() /> }
}
