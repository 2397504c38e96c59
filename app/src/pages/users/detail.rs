//! The drawer of one user: account, activity, keys.

use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::key_badges::{KeyBadges, UserBadge};
use crate::components::table::total;
use crate::components::when::{When, WhenExact};
use crate::format::{count, counted, usd};
use crate::query::{Query, use_goto};
use crate::viewer::Dated;
use leptos::prelude::*;
use model::key::KeyView;
use model::user::{UserDetail, UserSource};
use model::{Page, Timestamp};

/// The drawer.
#[component]
pub fn UserDrawer(
    /// The user.
    detail: Dated<UserDetail>,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(|query| query.with("user", None)));
    let Dated { now, data: UserDetail { user, keys, last_30d, .. } } = detail;
    let source = match user.source {
        UserSource::Local => "made here, signs in with a password",
        UserSource::Sso => "made at the first sign-in through the identity provider",
        UserSource::Scim => "provisioned by SCIM",
    };
    let tenants = user.tenant_ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let history = user.id.to_string();
    let all_keys = Query::default().with("owner", Some(user.id.as_str())).with("status", Some("all"));
    view! {
        <Drawer title=user.name.clone() close>
            <p>
                <UserBadge status=user.status />
            </p>
            <dl>
                <Fact name="Email">{user.email.clone()}</Fact>
                <Fact name="Role">
                    <span class="tag">{user.role.to_string()}</span>
                </Fact>
                <Fact name="Organization Unit">{user.organization_unit.clone().unwrap_or_else(|| "none".to_owned())}</Fact>
                <Fact name="Tenants">{if tenants.is_empty() { "none".to_owned() } else { tenants }}</Fact>
                <Fact name="Account">{source}</Fact>
                <Fact name="Registered">
                    <WhenExact at=user.created_at now />
                </Fact>
                <Fact name="Last Sign-In">
                    <WhenExact at=user.last_sign_in_at now />
                </Fact>
            </dl>
            <h3>"Activity, last 30 days"</h3>
            <dl>
                <Fact name="Requests">
                    {format!("{}, {} of them failed", counted(last_30d.requests, "request", "requests"), count(last_30d.errors))}
                </Fact>
                <Fact name="Tokens">
                    {format!("{} in, {} out", count(last_30d.input_tokens), count(last_30d.output_tokens))}
                </Fact>
                <Fact name="Spend">{usd(last_30d.cost_usd)}</Fact>
            </dl>
            <h3>{total(keys.total, "key", "keys")}</h3>
            <Keys keys now />
            <p>
                <a class="btn" href=all_keys.href("/admin/api-keys")>
                    "Show in API keys"
                </a>
            </p>
            <HistoryLink kind="user" id=history />
        </Drawer>
    }
}

#[component]
fn Keys(keys: Page<KeyView>, now: Timestamp) -> impl IntoView {
    let rows = keys
        .items
        .into_iter()
        .map(|key| {
            let href = Query::default().with("key", Some(key.id.as_str())).href("/admin/api-keys");
            view! {
                <li>
                    <a href=href>{key.name.clone()}</a>
                    <span class="sub">"Last used " <When at=key.last_used_at now /></span>
                    <KeyBadges key now />
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain-list">{rows}</ul> }
}
