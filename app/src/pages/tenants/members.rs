//! Who belongs to a tenant, and taking people in.

use super::table::figure;
use crate::components::empty::NothingYet;
use crate::components::key_badges::UserBadge;
use crate::components::leaving::{Leaver, Leaving};
use crate::components::toast::use_toasts;
use crate::components::user_picker::{PickedUser, UserPicker};
use crate::error::problem_of;
use crate::query::Query;
use crate::server_fns::memberships::AddMembership;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use model::Page;
use model::membership::{Membership, NewMembership};
use model::tenant::TenantView;

/// The state of what is done with people. Outside of the drawer, which reloads.
#[derive(Clone, Copy, Default)]
pub struct Members {
    picked: PickedUser,
    unknown: RwSignal<bool>,
    /// Takes somebody out.
    pub leaving: Leaving,
}

impl Members {
    fn ask(self, membership: Membership) {
        let Membership { user_id, user_email, tenant_id, tenant_name, roles, .. } = membership;
        self.leaving.ask(Leaver { user_id, name: user_email, tenant_id, tenant_name, roles });
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
    let action = ServerAction::<AddMembership>::new();
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
            action.dispatch(AddMembership { new: NewMembership { user_id, tenant_id: id.clone() } });
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
