//! Who belongs to a tenant: taking people in, and asking before somebody is taken out.

use super::table::figure;
use crate::components::empty::NothingYet;
use crate::components::form_dialog::RemoveDialog;
use crate::components::key_badges::UserBadge;
use crate::components::toast::use_toasts;
use crate::components::user_picker::{PickedUser, UserPicker};
use crate::editing::Removing;
use crate::error::problem_of;
use crate::format::counted;
use crate::query::Query;
use crate::server_fns::keys::list_keys;
use crate::server_fns::tenants::{AddMember, EndMembership};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::key::{KeyFilter, KeySort};
use model::membership::{EndedMembership, Membership};
use model::tenant::TenantView;
use model::{Page, PageRequest};

/// The state of what is done with people. Outside of the drawer, which reloads.
#[derive(Clone, Copy, Default)]
pub struct Members {
    picked: PickedUser,
    unknown: RwSignal<bool>,
    ending: Removing<Membership, EndedMembership, EndMembership>,
    /// How many keys the person has there; `None` while that isn't known.
    keys: RwSignal<Option<u64>>,
}

impl Members {
    fn ask(self, membership: Membership) {
        let filter = KeyFilter {
            owner_id: Some(membership.user_id.clone()),
            tenant_id: Some(membership.tenant_id.clone()),
            ..KeyFilter::default()
        };
        self.keys.set(None);
        self.ending.ask(membership);
        spawn_local(async move {
            let one = PageRequest { cursor: None, limit: 1 };
            if let Ok(found) = list_keys(filter, KeySort::default(), one).await {
                self.keys.set(Some(found.data.total.count));
            }
        });
    }
}

/// The people, and the field that takes somebody in.
#[component]
pub fn MemberList(
    /// The tenant.
    tenant: TenantView,
    /// Who belongs to it.
    members: Page<Membership>,
    /// Its state.
    work: Members,
    /// Whether the viewer takes people in and out.
    may_add: bool,
    /// Called when somebody was taken in.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let id = tenant.tenant.id.clone();
    let empty = members.items.is_empty().then(|| {
        view! {
            <NothingYet title="Nobody is in it yet">
                <p>"A key of one's own belongs to a tenant that one is in."</p>
            </NothingYet>
        }
    });
    let more = members.next_cursor.is_some().then(|| {
        let all = Query::default().with("tenant", Some(id.as_str())).href("/admin/users");
        view! {
            <p>
                <a class="btn" href=all>
                    {format!("Show all {} in Users", figure(tenant.members))}
                </a>
            </p>
        }
    });
    let rows = members
        .items
        .into_iter()
        .map(|member| view! { <MemberRow member work may_end=may_add /> })
        .collect_view();
    view! {
        {empty}
        <ul class="plain-list members">{rows}</ul>
        {more}
        {may_add.then(|| view! { <AddForm tenant work on_changed /> })}
    }
}

#[component]
fn MemberRow(member: Membership, work: Members, may_end: bool) -> impl IntoView {
    let account = Query::default()
        .with("tenant", Some(member.tenant_id.as_str()))
        .with("user", Some(member.user_id.as_str()))
        .href("/admin/users");
    let roles = member.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let end = may_end.then(|| {
        let label = format!("Remove {}", member.user_email);
        let member = member.clone();
        view! {
            <button
                class="btn quiet with-scripts"
                type="button"
                aria-label=label
                on:click=move |_| work.ask(member.clone())
            >
                "Remove"
            </button>
        }
    });
    view! {
        <li>
            <a href=account>{member.user_email.clone()}</a>
            <span class="sub">{member.user_name.clone()} {(!roles.is_empty()).then(|| format!(", {roles}"))}</span>
            <UserBadge status=member.user_status />
            {end}
        </li>
    }
}

#[component]
fn AddForm(tenant: TenantView, work: Members, #[prop(into)] on_changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let Members { picked, unknown, .. } = work;
    let action = ServerAction::<AddMember>::new();
    let (id, name) = (tenant.tenant.id, tenant.tenant.name);
    Effect::new(move |_| {
        if let Some(Ok(Ok(member))) = action.value().get() {
            picked.typed.set(String::new());
            toasts.show(format!("{} is in {name}.", member.user_email));
            on_changed.run(());
        }
    });
    let error = Signal::derive(move || {
        if unknown.get() {
            return Some("must be the e-mail address of a user: choose one from the list".to_owned());
        }
        action.value().with(|value| {
            let problem = value.as_ref().and_then(problem_of)?;
            Some(problem.field("user_id").map_or_else(|| problem.title.to_string(), ToOwned::to_owned))
        })
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let user = picked.id();
        unknown.set(user.is_none());
        if let Some(user_id) = user {
            action.dispatch(AddMember { id: id.clone(), user_id });
        }
    };
    view! {
        <form class="add with-scripts" method="dialog" novalidate on:submit=submit>
            <UserPicker id="member-user" label="Add somebody" picked error />
            <button class="btn" type="submit" disabled=action.pending()>
                "Add to tenant"
            </button>
        </form>
    }
}

/// Asks before somebody is taken out.
#[component]
pub fn EndDialog(
    /// Its state.
    members: Members,
    /// Called when somebody was taken out.
    #[prop(into)]
    on_ended: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Members { ending, keys, .. } = members;
    let target = ending.target();
    ending.on_removed(move |ended| {
        let revoked = counted(ended.keys_revoked, "key", "keys");
        toasts.show(format!(
            "Removed from {}, {revoked} revoked. {}.",
            ended.tenant_id,
            ended.receipt.sentence()
        ));
        on_ended.run(());
    });
    let of_target = move |text: fn(&Membership) -> String| {
        target.with(|target| target.as_ref().map(text).unwrap_or_default())
    };
    let title = Signal::derive(move || {
        of_target(|member| format!("Remove {} from {}", member.user_email, member.tenant_name))
    });
    let keys = move || match keys.get() {
        Some(0) => "They have no key here that still works.".to_owned(),
        Some(keys) => {
            format!(
                "{} revoked for good; requests that run are cut at once.",
                counted(keys, "key of theirs here is", "keys of theirs here are")
            )
        }
        None => "Their keys here are revoked for good; requests that run are cut at once.".to_owned(),
    };
    let roles = move || {
        of_target(|member| match member.roles.len() {
            0 => String::new(),
            _ => "The roles that they have here end.".to_owned(),
        })
    };
    view! {
        <RemoveDialog
            handle=ending.dialog()
            id="end-membership"
            title
            verb="Remove from tenant"
            problem=ending.problem()
            pending=ending.pending()
            on_confirm=move |()| {
                ending
                    .confirm(|member| EndMembership {
                        id: member.tenant_id.clone(),
                        user_id: member.user_id.clone(),
                    });
            }
        >
            <p>{keys}</p>
            <p>{roles}</p>
        </RemoveDialog>
    }
}
