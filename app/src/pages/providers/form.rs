//! The form that makes or changes a provider.

use super::draft::{ECHO_OPTIONS, ProviderDraft};
use crate::components::bound::{BoundText, BoundTick, Typing};
use crate::components::field::{Field, FormProblem, message};
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::editing::Editing;
use crate::server_fns::catalog::{ChangeProvider, CreateProvider};
use leptos::prelude::*;
use model::ProviderName;
use model::catalog::{Provider, ProviderKind};

/// The dialog's id.
pub const FORM: &str = "provider-form";

/// Fields that show their own message.
const FIELDS: &[&str] = &["name", "base_url", "api_key", "options"];

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct ProviderEditor {
    draft: ProviderDraft,
    editing: Editing<Provider, ProviderName, CreateProvider, ChangeProvider>,
}

impl ProviderEditor {
    /// Opens it for a new provider.
    pub fn create(self) {
        self.draft.fill(None);
        self.editing.open(None);
    }

    /// Opens it with what is there.
    pub fn edit(self, provider: Provider) {
        self.draft.fill(Some(&provider));
        self.editing.open(Some(provider));
    }

    fn submit(self) {
        self.editing.submit(
            || Ok(CreateProvider { new: self.draft.to_new()? }),
            |before| Ok(ChangeProvider { name: before.name.clone(), change: self.draft.to_change(before)? }),
        );
    }
}

/// The dialog.
#[component]
pub fn ProviderForm(
    /// Its state.
    editor: ProviderEditor,
    /// Called when a provider was made or changed.
    #[prop(into)]
    on_saved: Callback<ProviderName>,
) -> impl IntoView {
    let toasts = use_toasts();
    let ProviderEditor { draft, editing } = editor;
    let (before, problem) = (editing.before(), editing.problem());
    editing.on_saved(move |name, is_new| {
        let word = if is_new { "created: test its connection" } else { "saved" };
        toasts.show(format!("{name} is {word}."));
        on_saved.run(name);
    });
    let (title, verb) = editing.words("Create provider", |provider| provider.name.to_string());
    let is_echo = Signal::derive(move || draft.kind.get() == ProviderKind::Echo);
    let is_azure = Signal::derive(move || draft.kind.get() == ProviderKind::AzureOpenai);
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
            on_close=move |()| draft.forget()
        >
            <div class="two">
                <BoundText
                    id="provider-name"
                    label="Name"
                    help="Models point at it; it can't be changed later."
                    error=message(problem, "name")
                    value=draft.name
                    placeholder="openai-primary"
                    required=true
                    fixed=editing.changes()
                />
                <Kind draft />
            </div>
            <Show when=move || !is_echo.get()>
                <Address draft problem />
                <Credential draft problem before />
            </Show>
            <Show when=move || is_azure.get()>
                <BoundText
                    id="provider-version"
                    label="API version"
                    help="A target's upstream model is the deployment's name."
                    error=message(problem, "options.api_version")
                    value=draft.api_version
                    placeholder="2024-10-21"
                    required=true
                />
            </Show>
            <BoundTick
                id="provider-sandbox"
                label="Sandbox: sandbox keys reach it"
                help="Production keys reach every provider; sandbox keys only those marked here."
                checked=draft.sandbox
            />
            <Show when=move || !is_echo.get()>
                <BoundTick
                    id="provider-private"
                    label="Allow private addresses"
                    help="Gatehouse may then connect to machines of your own network and to itself. Needed for a model server beside it; leave it off for anything on the internet."
                    checked=draft.allow_private_addresses
                />
            </Show>
            <Show when=move || is_echo.get()>
                <div class="two">
                    {ECHO_OPTIONS
                        .into_iter()
                        .zip(["echo-delay", "echo-first", "echo-chunks", "echo-status", "echo-break"])
                        .zip(draft.echo)
                        .map(|(((field, label, help), id), value)| {
                            view! {
                                <BoundText
                                    id
                                    label
                                    help
                                    error=message(problem, field)
                                    value
                                    typing=Typing::Whole
                                />
                            }
                        })
                        .collect_view()}
                </div>
            </Show>
        </FormDialog>
    }
}

#[component]
fn Kind(draft: ProviderDraft) -> impl IntoView {
    // An address that nobody typed follows the kind.
    let choose = move |event| {
        let Some(kind) = ProviderKind::parse(&event_target_value(&event)) else { return };
        let usual = draft.kind.get_untracked().usual_base_url().unwrap_or_default();
        if draft.base_url.get_untracked() == usual {
            draft.base_url.set(String::new());
        }
        draft.kind.set(kind);
    };
    view! {
        <Field id="provider-kind" label="Kind" help="What it speaks.">
            <select
                id="provider-kind"
                autocomplete="off"
                aria-describedby="provider-kind-help"
                prop:value=move || draft.kind.get().as_str()
                on:change=choose
            >
                {ProviderKind::ALL
                    .into_iter()
                    .map(|kind| {
                        view! {
                            <option value=kind.as_str() selected=move || draft.kind.get() == kind>
                                {kind.label()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </Field>
    }
}

#[component]
fn Address(draft: ProviderDraft, problem: FormProblem) -> impl IntoView {
    let usual = Signal::derive(move || {
        match draft.kind.get() {
            ProviderKind::AzureOpenai => "https://example.openai.azure.com",
            kind => kind.usual_base_url().unwrap_or("http://localhost:8000/v1"),
        }
        .to_owned()
    });
    view! {
        <BoundText
            id="provider-address"
            label="Address"
            help="OpenAI and Anthropic: may stay empty. Azure OpenAI: the resource. All others: it ends before /chat/completions."
            error=message(problem, "base_url")
            value=draft.base_url
            placeholder=usual
        />
    }
}

#[component]
fn Credential(
    draft: ProviderDraft,
    problem: FormProblem,
    before: RwSignal<Option<Provider>>,
) -> impl IntoView {
    let is_set = Signal::derive(move || {
        before.with(|before| before.as_ref().is_some_and(|provider| provider.has_credential))
    });
    let placeholder =
        Signal::derive(move || if is_set.get() { "set — leave empty to keep" } else { "none" }.to_owned());
    view! {
        <BoundText
            id="provider-key"
            label="Credential"
            help="Stored sealed, sent to this address only, and never shown again."
            error=message(problem, "api_key")
            value=draft.api_key
            typing=Typing::Secret
            placeholder
            fixed=draft.forget_key
        />
        <Show when=move || is_set.get()>
            <BoundTick
                id="provider-forget"
                label="Remove the stored credential"
                help="Requests then go without one."
                checked=draft.forget_key
            />
        </Show>
    }
}
