//! Letting somebody join a tenant, and taking them out of one.

use super::roles::tenant_name;
use crate::components::bound::BoundText;
use crate::components::dialog::DialogHandle;
use crate::components::field::{Field, FormProblem, message};
use crate::components::form_dialog::{FormDialog, RemoveDialog};
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::error::problem_of;
use crate::form::Reading;
use crate::format::counted;
use crate::server_fns::memberships::{AddMembership, EndMembership};
use crate::viewer::{MEMBERSHIPS_WRITE, Viewer};
use leptos::prelude::*;
use model::key::KeyStatus;
use model::membership::{EndedMembership, NewMembership};
use model::user::{User, UserDetail};
use model::{Problem, TenantId};

/// Who leaves what, and with how many keys as far as the viewer sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    user: User,
    tenant: TenantId,
    /// Their keys there that work or would; `None`: there are more than were read.
    keys: Option<u64>,
}

/// The dialogs' state.
#[derive(Clone, Copy, Default)]
pub struct MembershipWork {
    dialog: DialogHandle,
    joining: RwSignal<Option<User>>,
    tenant: RwSignal<String>,
    mistyped: RwSignal<Option<Problem>>,
    add: ServerAction<AddMembership>,
    leaving: Removing<Leaving, EndedMembership, EndMembership>,
    reason: RwSignal<String>,
}

impl MembershipWork {
    /// Asks what they are to join.
    pub fn join(self, user: User) {
        self.add.clear();
        self.mistyped.set(None);
        self.tenant.set(String::new());
        self.joining.set(Some(user));
        self.dialog.open();
    }

    /// Asks whether they are to leave.
    pub fn leave(self, detail: &UserDetail, tenant: TenantId) {
        let there = detail
            .keys
            .items
            .iter()
            .filter(|key| key.tenant_id == tenant && key.status != KeyStatus::Revoked);
        let count = u64::try_from(there.count()).unwrap_or(u64::MAX);
        let keys = detail.keys.next_cursor.is_none().then_some(count);
        self.reason.set(String::new());
        self.leaving.ask(Leaving { user: detail.user.clone(), tenant, keys });
    }

    fn submit(self) {
        self.mistyped.set(None);
        self.add.clear();
        let mut form = Reading::default();
        let tenant_id = self.tenant.with_untracked(|tenant| tenant.parse().ok());
        if tenant_id.is_none() {
            form.wrong("tenant_id", "must be chosen");
        }
        let user_id = self.joining.with_untracked(|user| user.as_ref().map(|user| user.id.clone()));
        let new = user_id.zip(tenant_id).map(|(user_id, tenant_id)| NewMembership { user_id, tenant_id });
        match form.done(new) {
            Ok(new) => drop(self.add.dispatch(AddMembership { new })),
            Err(problem) => self.mistyped.set(Some(problem)),
        }
    }
}

/// The dialogs.
#[component]
pub fn MembershipDialogs(
    /// Their state.
    work: MembershipWork,
    /// Who works.
    viewer: Viewer,
    /// Called when somebody joined or left.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let MembershipWork { dialog, joining, mistyped, add, leaving, reason, .. } = work;
    let problem = Signal::derive(move || {
        mistyped.get().or_else(|| add.value().with(|value| value.as_ref().and_then(problem_of).cloned()))
    });
    Effect::new(move |_| {
        if let Some(Ok(Ok(member))) = &*add.value().read() {
            dialog.close();
            toasts.show(format!("{} is a member of {}.", member.user_name, member.tenant_name));
            on_changed.run(());
        }
    });
    leaving.on_removed(move |ended| {
        let keys = counted(ended.keys_revoked, "key", "keys");
        toasts.show(format!("They left {}. {keys} revoked, {}.", ended.tenant_id, ended.receipt.sentence()));
        on_changed.run(());
    });
    let title = Signal::derive(move || {
        joining.with(|user| {
            user.as_ref().map(|user| format!("Add {} to a tenant", user.name)).unwrap_or_default()
        })
    });
    let leave_title = Signal::derive(move || {
        leaving.target().with(|leaving| {
            leaving
                .as_ref()
                .map(|it| format!("Take {} out of {}", it.user.name, it.tenant))
                .unwrap_or_default()
        })
    });
    let refused = leaving.problem();
    let call = move |it: &Leaving| EndMembership {
        user_id: it.user.id.clone(),
        tenant_id: it.tenant.clone(),
        reason: Some(reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty()),
    };
    view! {
        <FormDialog
            handle=dialog
            id="join-tenant"
            title
            verb="Add to tenant"
            problem
            fields=&["tenant_id"]
            pending=add.pending()
            on_submit=move |()| work.submit()
            on_close=|()| ()
        >
            <TenantChoice work viewer problem />
        </FormDialog>
        <RemoveDialog
            handle=leaving.dialog()
            id="leave-tenant"
            title=leave_title
            verb="Take out"
            problem=refused
            pending=leaving.pending()
            on_confirm=move |()| leaving.confirm(call)
        >
            <p>{move || leaving.target().with(|leaving| leaving.as_ref().map(consequences))}</p>
            <BoundText
                id="leave-reason"
                label="Reason"
                help="Optional; stays in the audit log and with the revoked keys."
                error=message(refused, "reason")
                value=reason
            />
        </RemoveDialog>
    }
}

/// "Their 2 keys there are revoked for good, …"
fn consequences(leaving: &Leaving) -> String {
    let keys = match leaving.keys {
        Some(0) => "They have no keys there that you see".to_owned(),
        Some(keys) => format!(
            "Their {} there will be revoked for good, and requests that run are cut",
            counted(keys, "key", "keys")
        ),
        None => "All of their keys there will be revoked for good, and requests that run are cut".to_owned(),
    };
    let of_tenant = |held: &&model::role::Assignment| held.tenant_id.as_ref() == Some(&leaving.tenant);
    let roles: Vec<_> =
        leaving.user.assignments.iter().filter(of_tenant).map(|held| held.role.to_string()).collect();
    let roles = if roles.is_empty() {
        String::new()
    } else {
        format!(" They lose their roles there: {}.", roles.join(", "))
    };
    format!("{keys}.{roles} Adding them again brings neither back.")
}

#[component]
fn TenantChoice(work: MembershipWork, viewer: Viewer, problem: FormProblem) -> impl IntoView {
    let error = message(problem, "tenant_id");
    let MembershipWork { joining, tenant, .. } = work;
    let viewer = StoredValue::new(viewer);
    let options = move || {
        let has = joining.with(|user| user.as_ref().map(|user| user.tenant_ids.clone()).unwrap_or_default());
        viewer.with_value(|viewer| {
            let open = viewer.tenants.iter().map(|known| &known.id);
            let open = open.filter(|id| viewer.rights.may_in(MEMBERSHIPS_WRITE, id) && !has.contains(id));
            open.map(|id| {
                let (value, id, name) = (id.to_string(), id.to_string(), tenant_name(viewer, id));
                view! {
                    <option value=value selected=move || *tenant.read() == id>
                        {name}
                    </option>
                }
            })
            .collect_view()
        })
    };
    view! {
        <Field
            id="join-tenant-tenant"
            label="Tenant"
            help="They may then have keys and roles there."
            error
        >
            <select
                id="join-tenant-tenant"
                autocomplete="off"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby="join-tenant-tenant-help"
                prop:value=move || tenant.get()
                on:change=move |event| tenant.set(event_target_value(&event))
            >
                <option value="" selected=move || tenant.read().is_empty()>
                    "Choose…"
                </option>
                {options}
            </select>
        </Field>
    }
}
