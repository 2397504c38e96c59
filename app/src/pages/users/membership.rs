//! Letting somebody join a tenant, and taking them out of one.

use super::roles::tenant_name;
use crate::components::dialog::DialogHandle;
use crate::components::field::{Field, FormProblem, message};
use crate::components::form_dialog::FormDialog;
use crate::components::leaving::{Leaver, Leaving, LeavingDialog};
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::form::Reading;
use crate::server_fns::memberships::AddMembership;
use crate::viewer::{MEMBERSHIPS_WRITE, Viewer};
use leptos::prelude::*;
use model::membership::NewMembership;
use model::user::User;
use model::{Problem, TenantId};

/// The dialogs' state.
#[derive(Clone, Copy, Default)]
pub struct MembershipWork {
    dialog: DialogHandle,
    joining: RwSignal<Option<User>>,
    tenant: RwSignal<String>,
    mistyped: RwSignal<Option<Problem>>,
    add: ServerAction<AddMembership>,
    leaving: Leaving,
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
    pub fn leave(self, user: User, tenant_id: TenantId, tenant_name: String) {
        let there = user.assignments.into_iter().filter(|held| held.tenant_id.as_ref() == Some(&tenant_id));
        let roles = there.map(|held| held.role).collect();
        self.leaving.ask(Leaver { user_id: user.id, name: user.email, tenant_id, tenant_name, roles });
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
    let MembershipWork { dialog, joining, mistyped, add, leaving, .. } = work;
    let problem = Signal::derive(move || mistyped.get().or_else(|| problem_in(add.value())));
    Effect::new(move |_| {
        if let Some(Ok(Ok(member))) = &*add.value().read() {
            dialog.close();
            toasts.show(format!("{} is a member of {}.", member.user_name, member.tenant_name));
            on_changed.run(());
        }
    });
    let title = Signal::derive(move || {
        joining.with(|user| {
            user.as_ref().map(|user| format!("Add {} to a tenant", user.name)).unwrap_or_default()
        })
    });
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
        <LeavingDialog leaving on_left=move |()| on_changed.run(()) />
    }
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
