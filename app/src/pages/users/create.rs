//! The form that makes a local account.

use crate::components::bound::BoundText;
use crate::components::dialog::DialogHandle;
use crate::components::field::{Field, message};
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::form::Reading;
use crate::server_fns::roles::list_assignable_roles;
use crate::server_fns::users::CreateUser;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Problem;
use model::role::{BuiltInRole, Role};
use model::user::{NewUser, User};

/// The dialog's id.
pub const FORM: &str = "user-form";

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct Creating {
    dialog: DialogHandle,
    name: RwSignal<String>,
    email: RwSignal<String>,
    unit: RwSignal<String>,
    role: RwSignal<String>,
    offered: RwSignal<Vec<Role>>,
    mistyped: RwSignal<Option<Problem>>,
    create: ServerAction<CreateUser>,
}

impl Creating {
    /// Opens it, empty.
    pub fn open(self) {
        for field in [self.name, self.email, self.unit] {
            field.set(String::new());
        }
        self.role.set(BuiltInRole::User.as_str().to_owned());
        self.mistyped.set(None);
        self.create.clear();
        self.dialog.open();
        spawn_local(async move {
            // Who may not give roles makes accounts of the lowest one, which needs no list.
            if let Ok(roles) = list_assignable_roles(None).await {
                self.offered.try_set(roles);
            }
        });
    }

    fn to_new(self) -> Result<NewUser, Problem> {
        let text = |field: RwSignal<String>| field.get_untracked().trim().to_owned();
        let mut form = Reading::default();
        let role = form.required("role", &self.role.get_untracked());
        let new = role.map(|role| NewUser {
            name: text(self.name),
            email: text(self.email),
            role,
            organization_unit: Some(text(self.unit)).filter(|unit| !unit.is_empty()),
        });
        if let Some(new) = &new {
            form.also(new.check());
        }
        form.done(new)
    }

    fn submit(self) {
        self.mistyped.set(None);
        self.create.clear();
        match self.to_new() {
            Ok(new) => drop(self.create.dispatch(CreateUser { new })),
            Err(problem) => self.mistyped.set(Some(problem)),
        }
    }
}

/// The dialog.
#[component]
pub fn CreateDialog(
    /// Its state.
    creating: Creating,
    /// Called with the new account.
    #[prop(into)]
    on_created: Callback<User>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Creating { dialog, name, email, unit, role, offered, mistyped, create } = creating;
    let problem = Signal::derive(move || mistyped.get().or_else(|| problem_in(create.value())));
    Effect::new(move |_| {
        if let Some(Ok(Ok(user))) = create.value().get() {
            dialog.close();
            toasts.show(format!("{} is created.", user.name));
            on_created.run(user);
        }
    });
    let error = message(problem, "role");
    let options = move || {
        let lowest = || vec![Role::from(BuiltInRole::User)];
        let roles = Some(offered.get()).filter(|roles| !roles.is_empty()).unwrap_or_else(lowest);
        roles
            .into_iter()
            .map(|offered| {
                let id = offered.name.to_string();
                let value = id.clone();
                view! {
                    <option value=value selected=move || *role.read() == id>
                        {offered.title}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <FormDialog
            handle=dialog
            id=FORM
            title="Create user"
            verb="Create user"
            problem
            fields=&["name", "email", "organization_unit", "role"]
            pending=create.pending()
            on_submit=move |()| creating.submit()
            on_close=|()| ()
        >
            <div class="two">
                <BoundText id="user-name" label="Name" error=message(problem, "name") value=name required=true />
                <BoundText
                    id="user-email"
                    label="Email"
                    help="They sign in with it."
                    error=message(problem, "email")
                    value=email
                    required=true
                />
                <BoundText
                    id="user-unit"
                    label="Organization Unit"
                    help="Optional."
                    error=message(problem, "organization_unit")
                    value=unit
                />
                <Field id="user-role" label="Role" help="Everywhere. Roles with permissions that you lack aren't offered." error>
                    <select
                        id="user-role"
                        autocomplete="off"
                        aria-invalid=move || error.read().is_some().then_some("true")
                        aria-describedby="user-role-help"
                        prop:value=move || role.get()
                        on:change=move |event| role.set(event_target_value(&event))
                    >
                        {options}
                    </select>
                </Field>
            </div>
            <p class="sub">"They are a member of the tenant default, and can sign in once they have a password."</p>
        </FormDialog>
    }
}
