//! Giving somebody a role, everywhere or in one of their tenants, and taking one for a tenant away. Both tell what comes
//! and what goes before they are saved.

use crate::components::dialog::DialogHandle;
use crate::components::field::{Field, FormProblem, message};
use crate::components::form_dialog::{FormDialog, RemoveDialog};
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::error::problem_in;
use crate::form::Reading;
use crate::pages::roles::effect::{EffectRegion, Preview};
use crate::server_fns::roles::{AssignRole, SetRole, UnassignRole, list_assignable_roles};
use crate::viewer::{ROLES_ASSIGN, Viewer};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::role::{AccessChange, BuiltInRole, NewAssignment, Role, RoleName, RoleOfUser};
use model::user::User;
use model::{Problem, TenantId};

/// A role for a tenant that somebody has.
pub type Held = (User, NewAssignment);

/// The form's state, and that of the question before a role is taken away.
#[derive(Clone, Copy, Default)]
pub struct RoleWork {
    dialog: DialogHandle,
    target: RwSignal<Option<User>>,
    /// A tenant's slug; empty: everywhere.
    scope: RwSignal<String>,
    role: RwSignal<String>,
    reason: RwSignal<String>,
    /// What the viewer may give in that scope; `None`: not known yet.
    offered: RwSignal<Option<Vec<Role>>>,
    mistyped: RwSignal<Option<Problem>>,
    preview: Preview,
    set: ServerAction<SetRole>,
    assign: ServerAction<AssignRole>,
    /// Asks before a role for a tenant is taken away.
    pub taking: Removing<Held, (), UnassignRole>,
    lost: Preview,
}

impl RoleWork {
    /// Opens the form for somebody, in this scope at first.
    pub fn ask(self, user: User, scope: Option<&TenantId>) {
        self.set.clear();
        self.assign.clear();
        self.mistyped.set(None);
        self.preview.clear();
        self.reason.set(String::new());
        self.target.set(Some(user));
        self.choose_scope(scope.map(ToString::to_string).unwrap_or_default());
        self.dialog.open();
    }

    /// Asks whether a role is to be taken away.
    pub fn take(self, user: User, held: NewAssignment) {
        self.lost.clear();
        self.lost.ask(Some(AccessChange::Unassign { user_id: user.id.clone(), assignment: held.clone() }));
        self.taking.ask((user, held));
    }

    /// What may be given depends on where.
    fn choose_scope(self, scope: String) {
        self.role.set(String::new());
        self.offered.set(None);
        self.scope.set(scope.clone());
        spawn_local(async move {
            let offered = list_assignable_roles(scope.parse().ok()).await;
            // Another scope was chosen meanwhile, or the page left.
            if self.scope.try_with_untracked(|now| *now == scope) != Some(true) {
                return;
            }
            match offered {
                Ok(roles) => self.offered.set(Some(roles)),
                Err(error) => self.mistyped.set(Some(*error.0)),
            }
        });
    }

    fn change(self) -> Option<AccessChange> {
        let role: RoleName = self.role.read().parse().ok()?;
        let user_id = self.target.with(|target| target.as_ref().map(|user| user.id.clone()))?;
        Some(match self.scope.read().parse() {
            Ok(tenant_id) => AccessChange::Assign { user_id, assignment: NewAssignment { tenant_id, role } },
            Err(_) => AccessChange::SetRole { user_id, role },
        })
    }

    fn submit(self) {
        self.mistyped.set(None);
        self.set.clear();
        self.assign.clear();
        match untrack(|| self.change()) {
            Some(AccessChange::SetRole { user_id: id, role }) => {
                let reason =
                    Some(self.reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty());
                self.set.dispatch(SetRole { id, change: RoleOfUser { role, reason } });
            }
            Some(AccessChange::Assign { user_id: id, assignment }) => {
                self.assign.dispatch(AssignRole { id, assignment });
            }
            _ => {
                let mut form = Reading::default();
                form.wrong("role", "must be chosen");
                self.mistyped.set(form.done(None::<()>).err());
            }
        }
    }

    fn problem(self) -> FormProblem {
        Signal::derive(move || {
            let of_set = || problem_in(self.set.value());
            let of_assign = || problem_in(self.assign.value());
            self.mistyped.get().or_else(of_set).or_else(of_assign)
        })
    }
}

/// The dialogs.
#[component]
pub fn RoleDialogs(
    /// Their state.
    work: RoleWork,
    /// Who works.
    viewer: Viewer,
    /// Called when somebody has other roles.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let problem = work.problem();
    let pending = Signal::derive(move || work.set.pending().get() || work.assign.pending().get());
    let done = move || {
        work.dialog.close();
        let name = work
            .target
            .with_untracked(|user| user.as_ref().map(|user| user.name.clone()).unwrap_or_default());
        toasts.show(format!("{name} has the role {}, from the next request.", work.role.get_untracked()));
        on_changed.run(());
    };
    Effect::new(move |_| {
        if let Some(Ok(Ok(_))) = &*work.set.value().read() {
            done();
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(Ok(_))) = &*work.assign.value().read() {
            done();
        }
    });
    work.taking.on_removed(move |()| {
        toasts.show("The role is taken away, from the next request.");
        on_changed.run(());
    });
    Effect::new(move |_| work.preview.ask(work.change()));
    let title = Signal::derive(move || {
        work.target
            .with(|user| user.as_ref().map(|user| format!("Edit role of {}", user.name)).unwrap_or_default())
    });
    let everywhere = move || work.scope.read().is_empty();
    let now = move || {
        let text = work.target.with(|user| user.as_ref().map(|user| now_has(user, &work.scope.read())));
        view! { <p>{text}</p> }
    };
    let powerful = move || {
        let super_admin = |name: &RoleName| *name == BuiltInRole::SuperAdmin;
        let had = work.target.with(|user| user.as_ref().is_some_and(User::is_super_admin));
        let gets = work.role.read().parse().is_ok_and(|role| super_admin(&role));
        let text = match (everywhere() && !work.role.read().is_empty(), had, gets) {
            (true, false, true) => {
                "A super_admin may do everything, also to you: only another one can take it back."
            }
            (true, true, false) => {
                "They are a super_admin. Without the role they can't help when nobody else is one."
            }
            _ => return None,
        };
        Some(view! { <p class="note">{text}</p> })
    };
    view! {
        <FormDialog
            handle=work.dialog
            id="edit-role"
            title
            verb="Change role"
            problem
            fields=&["role", "reason"]
            pending
            on_submit=move |()| work.submit()
            on_close=|()| ()
        >
            {now}
            <div class="two">
                <ScopeChoice work viewer />
                <RoleChoice work problem />
            </div>
            {powerful}
            <EffectRegion preview=work.preview before="Choose a role to see what it changes." />
            <Show when=everywhere>
                <Reason id="edit-role-reason" stays="in the audit log" problem value=work.reason />
            </Show>
        </FormDialog>
        <TakeDialog work />
    }
}

/// "Everywhere now: user."
fn now_has(user: &User, scope: &str) -> String {
    if scope.is_empty() {
        return format!("Everywhere, now: {}. The role that you choose takes its place.", user.role);
    }
    let here =
        user.assignments.iter().filter(|held| held.tenant_id.as_ref().is_some_and(|id| id.as_str() == scope));
    let here: Vec<_> = here.map(|held| held.role.to_string()).collect();
    let has = if here.is_empty() { "none".to_owned() } else { here.join(", ") };
    format!("In {scope}, now: {has}. The role that you choose is added.")
}

#[component]
fn ScopeChoice(work: RoleWork, viewer: Viewer) -> impl IntoView {
    let viewer = StoredValue::new(viewer);
    let options = move || {
        let of_user =
            work.target.with(|user| user.as_ref().map(|user| user.tenant_ids.clone()).unwrap_or_default());
        viewer.with_value(|viewer| {
            let everywhere =
                viewer.rights.may(ROLES_ASSIGN).then(|| (String::new(), "Everywhere".to_owned()));
            let tenants = of_user.iter().filter(|id| viewer.rights.may_in(ROLES_ASSIGN, id));
            let tenants = tenants.map(|id| (id.to_string(), format!("Only in {}", tenant_name(viewer, id))));
            everywhere
                .into_iter()
                .chain(tenants)
                .map(|(value, word)| {
                    let id = value.clone();
                    view! {
                        <option value=value selected=move || *work.scope.read() == id>
                            {word}
                        </option>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <Field id="edit-role-scope" label="Where">
            <select
                id="edit-role-scope"
                autocomplete="off"
                aria-describedby="edit-role-scope-help"
                prop:value=move || work.scope.get()
                on:change=move |event| work.choose_scope(event_target_value(&event))
            >
                {options}
            </select>
        </Field>
    }
}

#[component]
fn RoleChoice(work: RoleWork, problem: FormProblem) -> impl IntoView {
    let error = message(problem, "role");
    let options = move || {
        let offered = work.offered.get().unwrap_or_default();
        offered
            .into_iter()
            .map(|role| {
                let name = role.name.to_string();
                let value = name.clone();
                view! {
                    <option value=value selected=move || *work.role.read() == name>
                        {role.title}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <Field id="edit-role-role" label="Role" help="Roles with permissions that you lack aren't offered." error>
            <select
                id="edit-role-role"
                autocomplete="off"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby="edit-role-role-help"
                prop:value=move || work.role.get()
                on:change=move |event| work.role.set(event_target_value(&event))
            >
                <option value="" selected=move || work.role.read().is_empty()>
                    {move || if work.offered.read().is_some() { "Choose…" } else { "Loading…" }}
                </option>
                {options}
            </select>
        </Field>
    }
}

#[component]
fn TakeDialog(work: RoleWork) -> impl IntoView {
    let RoleWork { taking, lost, .. } = work;
    let of_target = move |text: fn(&Held) -> String| {
        taking.target().with(|held| held.as_ref().map(text).unwrap_or_default())
    };
    let title = Signal::derive(move || of_target(|(_, held)| format!("Take {} away", held.role)));
    let call = |(user, held): &Held| UnassignRole { id: user.id.clone(), assignment: held.clone() };
    view! {
        <RemoveDialog
            handle=taking.dialog()
            id="take-role"
            title
            verb="Take role away"
            problem=taking.problem()
            pending=taking.pending()
            on_confirm=move |()| taking.confirm(call)
        >
            <p>
                {move || {
                    of_target(|(user, held)| format!("{} loses the role {} in {}.", user.name, held.role, held.tenant_id))
                }}
            </p>
            <EffectRegion preview=lost />
        </RemoveDialog>
    }
}

/// What a tenant is called, as far as the viewer knows.
pub fn tenant_name(viewer: &Viewer, id: &TenantId) -> String {
    let known = viewer.tenants.iter().find(|tenant| tenant.id == *id);
    known.map_or_else(|| id.to_string(), |tenant| tenant.name.clone())
}
