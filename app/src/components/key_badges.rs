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
    let tone = match key.status {
        KeyStatus::Active => Tone::Good,
        KeyStatus::Expired => Tone::Bad,
        KeyStatus::Revoked => Tone::Quiet,
    };
    let works = key.status == KeyStatus::Active;
    let soon = key
        .expires_at
        .filter(|end| works && end.since(now) <= EXPIRES_SOON)
        .map(|end| format!("Expires in {}", span(end.since(now))));
    let mut second: Vec<String> = soon.into_iter().collect();
    if key.status != KeyStatus::Revoked && key.owner_status == Some(UserStatus::Inactive) {
        second.push("Owner inactive".to_owned());
    }
    if key.status != KeyStatus::Revoked && key.tenant_status == TenantStatus::Suspended {
        second.push("Tenant suspended".to_owned());
    }
    view! {
        <span class="badges">
            <Badge tone text=key.status.label() />
            {second.into_iter().map(|text| view! { <Badge tone=Tone::Warning text /> }).collect_view()}
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
