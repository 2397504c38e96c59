//! The form that makes or changes a tenant.

use crate::components::bound::BoundText;
use crate::components::field::message;
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::editing::Editing;
use crate::form::{Reading, changed, joined};
use crate::server_fns::tenants::{ChangeTenant, CreateTenant};
use leptos::prelude::*;
use model::tenant::{NewTenant, Tenant, TenantChange};
use model::{Problem, TenantId};

/// The dialog's id.
pub const FORM: &str = "tenant-form";

/// Fields that show their own message.
const FIELDS: &[&str] = &["id", "name", "self_service_tags"];

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct TenantEditor {
    slug: RwSignal<String>,
    name: RwSignal<String>,
    tags: RwSignal<String>,
    editing: Editing<Tenant, Tenant, CreateTenant, ChangeTenant>,
}

impl TenantEditor {
    /// Opens it for a new tenant.
    pub fn create(self) {
        self.fill(None);
        self.editing.open(None);
    }

    /// Opens it with what is there.
    pub fn edit(self, tenant: Tenant) {
        self.fill(Some(&tenant));
        self.editing.open(Some(tenant));
    }

    fn fill(self, tenant: Option<&Tenant>) {
        self.slug.set(tenant.map(|tenant| tenant.id.to_string()).unwrap_or_default());
        self.name.set(tenant.map(|tenant| tenant.name.clone()).unwrap_or_default());
        self.tags.set(tenant.map(|tenant| joined(&tenant.self_service_tags)).unwrap_or_default());
    }

    fn submit(self) {
        self.editing.submit(
            || Ok(CreateTenant { new: self.to_new()? }),
            |before| Ok(ChangeTenant { id: before.id.clone(), change: self.to_change(before)? }),
        );
    }

    fn to_new(self) -> Result<NewTenant, Problem> {
        let mut form = Reading::default();
        let id = form.required("id", &self.slug.get_untracked());
        let new = id.map(|id| NewTenant { id, name: self.name.get_untracked().trim().to_owned() });
        form.done(new)
    }

    fn to_change(self, before: &Tenant) -> Result<TenantChange, Problem> {
        let mut form = Reading::default();
        let mut tags: Vec<String> = form.list("self_service_tags", &self.tags.get_untracked());
        tags.sort();
        let change = TenantChange {
            name: changed(&before.name, self.name.get_untracked().trim().to_owned()),
            self_service_tags: changed(&before.self_service_tags, tags),
        };
        form.done(Some(change))
    }
}

/// The dialog.
#[component]
pub fn TenantForm(
    /// Its state.
    editor: TenantEditor,
    /// Called when a tenant was made or changed.
    #[prop(into)]
    on_saved: Callback<TenantId>,
) -> impl IntoView {
    let toasts = use_toasts();
    let TenantEditor { slug, name, tags, editing } = editor;
    let problem = editing.problem();
    editing.on_saved(move |tenant, is_new| {
        let word = if is_new { "created" } else { "saved" };
        toasts.show(format!("{} is {word}.", tenant.name));
        on_saved.run(tenant.id);
    });
    let (title, verb) = editing.words("Create tenant", |tenant| tenant.name.clone());
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
                    id="tenant-slug"
                    label="Slug"
                    help="Lower-case letters, digits and hyphens. It can't be changed later, and is never free again."
                    error=message(problem, "id")
                    value=slug
                    placeholder="team-alpha"
                    required=true
                    fixed=editing.changes()
                />
                <BoundText
                    id="tenant-name"
                    label="Name"
                    help="What people read."
                    error=message(problem, "name")
                    value=name
                    placeholder="Team Alpha"
                    required=true
                />
            </div>
            <Show when=move || editing.changes().get()>
                <BoundText
                    id="tenant-tags"
                    label="Self-service tags"
                    help="Names of the tags that people may give to their own keys, divided by commas."
                    error=message(problem, "self_service_tags")
                    value=tags
                    placeholder="team, cost-center"
                />
            </Show>
        </FormDialog>
    }
}
