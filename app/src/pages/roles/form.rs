//! The form that makes or changes a custom role. What it changes, and for whom, is told before it is saved.

use super::draft::RoleDraft;
use super::effect::{EffectRegion, Preview};
use super::matrix::TickMatrix;
use crate::components::bound::BoundText;
use crate::components::field::{FormProblem, message, sentence};
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::editing::Editing;
use crate::server_fns::roles::{ChangeRole, CreateRole};
use leptos::prelude::*;
use model::role::{AccessChange, PermissionSet, Role, RoleName};

/// The dialog's id.
pub const FORM: &str = "role-form";

/// Fields that show their own message.
const FIELDS: &[&str] = &["name", "title", "description", "permissions"];

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct RoleEditor {
    draft: RoleDraft,
    editing: Editing<Role, Role, CreateRole, ChangeRole>,
    preview: Preview,
}

impl RoleEditor {
    /// Opens it for a new role.
    pub fn create(self) {
        self.draft.fill(None);
        self.open(None);
    }

    /// Opens it for a new role that starts with these permissions of another one.
    pub fn copy(self, role: &Role, permissions: PermissionSet) {
        self.draft.copy(role, permissions);
        self.open(None);
    }

    /// Opens it with what is there.
    pub fn edit(self, role: Role) {
        self.draft.fill(Some(&role));
        self.open(Some(role));
    }

    fn open(self, before: Option<Role>) {
        self.preview.clear();
        self.editing.open(before);
    }

    /// What saving would change, as far as it is about people.
    fn change(self) -> Option<AccessChange> {
        let permissions = self.draft.permissions.get();
        self.editing.before().with(|before| {
            let before = before.as_ref().filter(|before| before.permissions != permissions)?;
            Some(AccessChange::ChangeRole { name: before.name.clone(), permissions })
        })
    }

    fn submit(self) {
        self.editing.submit(
            || Ok(CreateRole { new: self.draft.to_new()? }),
            |before| Ok(ChangeRole { name: before.name.clone(), change: self.draft.to_change(before)? }),
        );
    }
}

/// The dialog.
#[component]
pub fn RoleForm(
    /// Its state.
    editor: RoleEditor,
    /// What the viewer holds everywhere: nobody gives more.
    held: PermissionSet,
    /// Called when a role was made or changed.
    #[prop(into)]
    on_saved: Callback<RoleName>,
) -> impl IntoView {
    let toasts = use_toasts();
    let RoleEditor { draft, editing, preview } = editor;
    let problem = editing.problem();
    editing.on_saved(move |role, is_new| {
        toasts.show(if is_new {
            format!("{} is created. Give it to people on the Users page.", role.title)
        } else {
            format!("{} is saved: it counts from the next request.", role.title)
        });
        on_saved.run(role.name);
    });
    Effect::new(move |_| preview.ask(editor.change()));
    let changes = editing.changes();
    let (title, verb) = editing.words("Create role", |role| role.title.clone());
    view! {
        <FormDialog
            handle=editing.dialog()
            id=FORM
            title
            verb
            problem
            fields=FIELDS
            pending=editing.pending()
            on_submit=move |()| editor.submit()
            on_close=|()| ()
        >
            <div class="two">
                <BoundText
                    id="role-title"
                    label="Title"
                    help="For people: Key auditor."
                    error=message(problem, "title")
                    value=draft.title
                    required=true
                />
                <BoundText
                    id="role-name"
                    label="Name"
                    help="For the API; stays as it is: key-auditor."
                    error=message(problem, "name")
                    value=draft.name
                    required=true
                    fixed=changes
                />
            </div>
            <BoundText
                id="role-description"
                label="What it is for"
                error=message(problem, "description")
                value=draft.description
            />
            <Permissions draft held problem />
            <Show when=move || changes.get()>
                <EffectRegion preview before="No permission comes or goes." />
            </Show>
        </FormDialog>
    }
}

#[component]
fn Permissions(draft: RoleDraft, held: PermissionSet, problem: FormProblem) -> impl IntoView {
    const LACKED: &str = "role-lacked";
    let error = message(problem, "permissions");
    let all = held == PermissionSet::ALL;
    view! {
        <fieldset class="part" class:invalid=move || error.read().is_some()>
            <legend>"Permissions"</legend>
            <TickMatrix
                caption="Permissions of the role"
                ticked=draft.permissions
                held=Signal::stored(held)
                lacked=LACKED
            />
            {(!all)
                .then(|| {
                    view! {
                        <p class="sub" id=LACKED>
                            "Greyed boxes are permissions that you don't hold everywhere yourself: nobody gives more than they have. A role can be saved only when you hold all that it holds."
                        </p>
                    }
                })}
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{sentence(&text)}</p> })}
        </fieldset>
    }
}
