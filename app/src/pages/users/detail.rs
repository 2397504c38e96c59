//! The drawer of one user, in parts: account and tenants, keys, identities.

use super::actions::Actions;
use super::activity::{ActivityFeed, ActivityResource};
use super::managed::ManagedMark;
use super::tenants::UserTenants;
use super::work::UserWork;
use crate::components::drawer::{Drawer, Fact};
use crate::components::history::HistoryLink;
use crate::components::key_badges::{KeyBadges, UserBadge};
use crate::components::table::total;
use crate::components::tabs::{AFTER, TAB, Tabs, use_tab};
use crate::components::when::{When, WhenExact};
use crate::format::{count, counted, usd};
use crate::pages::identities::{Identities, IdentitiesResource};
use crate::pages::sessions::{Sessions, SessionsResource};
use crate::query::{use_goto, use_scope};
use crate::server_fns::sso::UnlinkIdentity;
use crate::server_fns::users::EndSessions;
use crate::viewer::{Dated, USERS_WRITE, Viewer};
use leptos::either::EitherOf5;
use leptos::prelude::*;
use model::Timestamp;
use model::user::{UserDetail, UserSource};

/// What parts of the drawer show beside the account itself; made by the page, outside of what reloads.
#[derive(Clone, Copy)]
pub struct Parts {
    /// What they did.
    pub activity: ActivityResource,
    /// Where they are signed in.
    pub sessions: SessionsResource,
    /// Ends sessions.
    pub ending: ServerAction<EndSessions>,
    /// Who they are at identity providers.
    pub identities: IdentitiesResource,
    /// Takes an identity away.
    pub unlinking: ServerAction<UnlinkIdentity>,
}

/// The drawer.
#[component]
pub fn UserDrawer(
    /// The user.
    detail: Dated<UserDetail>,
    /// Who looks at it.
    viewer: Option<Viewer>,
    /// What can be done.
    work: UserWork,
    /// What its parts show.
    parts: Parts,
) -> impl IntoView {
    let goto = use_goto();
    let close =
        Signal::derive(move || goto.href(|query| query.with("user", None).with(TAB, None).with(AFTER, None)));
    let Dated { now, data: detail } = detail;
    let (name, status) = (detail.user.name.clone(), detail.user.status);
    let (detail, viewer) = (StoredValue::new(detail), StoredValue::new(viewer));
    let outranked = detail.with_value(|detail| detail.user.is_super_admin())
        && viewer.with_value(|viewer| viewer.as_ref().is_none_or(|viewer| !viewer.user.is_super_admin()));
    let tab = use_tab();
    let may_end = !outranked
        && viewer.with_value(|viewer| viewer.as_ref().is_some_and(|viewer| viewer.may(USERS_WRITE)));
    let Parts { activity, sessions, ending, identities, unlinking } = parts;
    let id = move || detail.with_value(|detail| detail.user.id.clone());
    let part = move || match tab.read().as_str() {
        "keys" => EitherOf5::A(view! { <Keys detail now /> }),
        "identities" => {
            EitherOf5::B(view! { <Identities id=id() identities unlinking may_unlink=may_end /> })
        }
        "activity" => EitherOf5::D(view! { <ActivityFeed activity /> }),
        "sessions" => EitherOf5::E(view! { <Sessions id=id() sessions ending may_end /> }),
        _ => EitherOf5::C(view! { <Overview detail viewer work outranked now /> }),
    };
    view! {
        <Drawer title=name close>
            <p>
                <UserBadge status />
            </p>
            <Tabs label="Parts of the account" tabs=TABS.to_vec() />
            {part}
            <Actions detail viewer work outranked />
        </Drawer>
    }
}

/// The parts: word in the address, word on the page.
const TABS: [(&str, &str); 5] = [
    ("", "Overview"),
    ("activity", "Activity"),
    ("keys", "Keys"),
    ("sessions", "Sessions"),
    ("identities", "Identities"),
];

#[component]
fn Overview(
    detail: StoredValue<UserDetail>,
    viewer: StoredValue<Option<Viewer>>,
    work: UserWork,
    outranked: bool,
    now: Timestamp,
) -> impl IntoView {
    let UserDetail { user, last_7d, last_30d, active_keys, keys, models, managed } = detail.get_value();
    let models: Vec<_> = models
        .into_iter()
        .map(|used| format!("{} ({})", used.model, counted(used.totals.requests, "request", "requests")))
        .collect();
    let source = match user.source {
        UserSource::Local => "made here, signs in with a password",
        UserSource::Sso => "made at the first sign-in through the identity provider",
        UserSource::Scim => "provisioned by SCIM",
    };
    view! {
        <dl>
            <Fact name="Email">{user.email.clone()}</Fact>
            <Fact name="Role">
                <span class="tag">{user.role.to_string()}</span>
                <span class="sub">"everywhere"</span>
                {managed.map(|managed| view! { <ManagedMark managed now /> })}
            </Fact>
            <Fact name="Organization Unit">{user.organization_unit.clone().unwrap_or_else(|| "none".to_owned())}</Fact>
            <Fact name="Account">{source}</Fact>
            <Fact name="Second factor">{if user.second_factor { "on" } else { "none" }}</Fact>
            <Fact name="Registered">
                <WhenExact at=user.created_at now />
            </Fact>
            <Fact name="Last Sign-In">
                <WhenExact at=user.last_sign_in_at now />
            </Fact>
        </dl>
        <h3>"Tenants"</h3>
        <UserTenants detail viewer work outranked />
        <h3>"Activity, last 30 days"</h3>
        <dl>
            <Fact name="Keys">{format!("{} of {} work", count(active_keys.count), count(keys.total.count))}</Fact>
            <Fact name="Last 7 days">{counted(last_7d.requests, "request", "requests")}</Fact>
            <Fact name="Requests">
                {format!("{}, {} of them failed", counted(last_30d.requests, "request", "requests"), count(last_30d.errors))}
            </Fact>
            <Fact name="Tokens">
                {format!("{} in, {} out", count(last_30d.input_tokens), count(last_30d.output_tokens))}
            </Fact>
            <Fact name="Spend">{usd(last_30d.cost_usd)}</Fact>
            <Fact name="Models">{if models.is_empty() { "none".to_owned() } else { models.join(", ") }}</Fact>
        </dl>
        <HistoryLink kind="user" id=user.id.to_string() />
    }
}

#[component]
fn Keys(detail: StoredValue<UserDetail>, now: Timestamp) -> impl IntoView {
    let UserDetail { user, keys, .. } = detail.get_value();
    let scope = use_scope();
    let all = scope.with("owner", Some(user.id.as_str())).with("status", Some("all"));
    let rows = keys
        .items
        .into_iter()
        .map(|key| {
            let href = scope.with("key", Some(key.id.as_str())).href("/admin/api-keys");
            view! {
                <li>
                    <a href=href>{key.name.clone()}</a>
                    <span class="sub">"Last used " <When at=key.last_used_at now /></span>
                    <KeyBadges key now />
                </li>
            }
        })
        .collect_view();
    view! {
        <h3>{total(keys.total, "key", "keys")}</h3>
        <ul class="plain-list">{rows}</ul>
        <p>
            <a class="btn" href=all.href("/admin/api-keys")>
                "Show in API keys"
            </a>
        </p>
    }
}
