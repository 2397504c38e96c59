//! The form that changes an account's name, address and organization unit.

use crate::components::bound::BoundText;
use crate::components::dialog::DialogHandle;
use crate::components::field::message;
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::form::{Reading, changed};
use crate::server_fns::users::ChangeUser;
use leptos::prelude::*;
use model::Problem;
use model::user::{AccountChange, User, UserSource};

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct EditWork {
    dialog: DialogHandle,
    before: RwSignal<Option<User>>,
    name: RwSignal<String>,
    email: RwSignal<String>,
    unit: RwSignal<String>,
    mistyped: RwSignal<Option<Problem>>,
    change: ServerAction<ChangeUser>,
}

impl EditWork {
    /// Opens it with what is there.
    pub fn ask(self, user: User) {
        self.mistyped.set(None);
        self.change.clear();
        self.name.set(user.name.clone());
        self.email.set(user.email.clone());
        self.unit.set(user.organization_unit.clone().unwrap_or_default());
        self.before.set(Some(user));
        self.dialog.open();
    }

    fn submit(self) {
        let Some(before) = self.before.get_untracked() else { return };
        self.mistyped.set(None);
        self.change.clear();
        let text = |field: RwSignal<String>| field.get_untracked().trim().to_owned();
        let unit = Some(text(self.unit)).filter(|unit| !unit.is_empty());
        let change = AccountChange {
            name: changed(&before.name, text(self.name)),
            email: changed(&before.email, text(self.email)),
            organization_unit: changed(&before.organization_unit, unit),
            ..AccountChange::default()
        };
        let mut form = Reading::default();
        form.also(change.clone().apply(&mut before.clone()));
        match form.done(Some(change)) {
            Ok(change) => drop(self.change.dispatch(ChangeUser { id: before.id, change })),
            Err(problem) => self.mistyped.set(Some(problem)),
        }
    }
}

/// The dialog.
#[component]
pub fn EditUserDialog(
    /// Its state.
    work: EditWork,
    /// Called when an account changed.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let EditWork { dialog, before, name, email, unit, mistyped, change } = work;
    let problem = Signal::derive(move || mistyped.get().or_else(|| problem_in(change.value())));
    Effect::new(move |_| {
        if let Some(Ok(Ok(changed))) = &*change.value().read() {
            dialog.close();
            toasts.show(format!("{} is saved.", changed.user.name));
            on_changed.run(());
        }
    });
    let title = Signal::derive(move || {
        before.with(|user| user.as_ref().map(|user| format!("Edit {}", user.name)).unwrap_or_default())
    });
    let elsewhere = Signal::derive(move || {
        before.with(|user| user.as_ref().is_some_and(|user| user.source != UserSource::Local))
    });
    view! {
        <FormDialog
            handle=dialog
            id="edit-user"
            title
            verb="Save"
            problem
            fields=&["name", "email", "organization_unit"]
            pending=change.pending()
            on_submit=move |()| work.submit()
            on_close=|()| ()
        >
            <BoundText id="edit-user-name" label="Name" error=message(problem, "name") value=name required=true />
            <BoundText
                id="edit-user-email"
                label="Email"
                help="They sign in with it. Of accounts from elsewhere it is set there."
                error=message(problem, "email")
                value=email
                required=true
                fixed=elsewhere
            />
            <BoundText
                id="edit-user-unit"
                label="Organization Unit"
                help="Optional."
                error=message(problem, "organization_unit")
                value=unit
            />
        </FormDialog>
    }
}
