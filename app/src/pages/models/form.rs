//! The form that makes or changes a model.

use super::draft::{ModelDraft, PRICES};
use super::targets::TargetFields;
use crate::components::bound::{BoundText, Typing};
use crate::components::field::{FormProblem, message};
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::editing::Editing;
use crate::server_fns::catalog::{ChangeModel, CreateModel};
use leptos::prelude::*;
use model::catalog::Model;
use model::{ModelName, ProviderName};

/// The dialog's id.
pub const FORM: &str = "model-form";

/// Fields that show their own message.
const FIELDS: &[&str] = &["name", "targets", "labels", "prices", "max_output_tokens", "context_length"];

const PRICE_IDS: [&str; 8] = [
    "price-input",
    "price-output",
    "price-cached",
    "price-cache-write",
    "price-reasoning",
    "price-request",
    "price-image",
    "price-audio",
];

/// Prices that are always in sight.
const FIRST: usize = 2;

/// The form's state.
#[derive(Clone, Copy)]
pub struct ModelEditor {
    draft: ModelDraft,
    editing: Editing<Model, ModelName, CreateModel, ChangeModel>,
}

impl ModelEditor {
    /// Closed and empty.
    pub fn new() -> Self {
        let draft = ModelDraft::new();
        draft.fill(None);
        Self { draft, editing: Editing::new() }
    }

    /// Opens it for a new model.
    pub fn create(self) {
        self.draft.fill(None);
        self.editing.open(None);
    }

    /// Opens it with what is there.
    pub fn edit(self, model: Model) {
        self.draft.fill(Some(&model));
        self.editing.open(Some(model));
    }

    fn submit(self) {
        self.editing.submit(
            || Ok(CreateModel { new: self.draft.to_new()? }),
            |before| Ok(ChangeModel { name: before.name.clone(), change: self.draft.to_change(before)? }),
        );
    }
}

impl Default for ModelEditor {
    fn default() -> Self {
        Self::new()
    }
}

/// The dialog.
#[component]
pub fn ModelForm(
    /// Its state.
    editor: ModelEditor,
    /// All providers.
    providers: Vec<ProviderName>,
    /// Called when a model was made or changed.
    #[prop(into)]
    on_saved: Callback<ModelName>,
) -> impl IntoView {
    let toasts = use_toasts();
    let ModelEditor { draft, editing } = editor;
    let problem = editing.problem();
    editing.on_saved(move |name, is_new| {
        toasts.show(format!("{name} is {}.", if is_new { "created" } else { "saved" }));
        on_saved.run(name);
    });
    let (title, verb) = editing.words("Create model", |model| model.name.to_string());
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
            <BoundText
                id="model-name"
                label="Name"
                help="What clients send as model; it can't be changed later."
                error=message(problem, "name")
                value=draft.name
                placeholder="gpt-4o"
                required=true
                fixed=editing.changes()
            />
            <TargetFields draft providers problem />
            <BoundText
                id="model-labels"
                label="Labels"
                help="Words by which keys can be allowed a group of models, divided by commas."
                error=message(problem, "labels")
                value=draft.labels
                placeholder="eu-hosted, small"
            />
            <div class="two">
                <BoundText
                    id="model-output"
                    label="Longest answer, tokens"
                    help="A money budget needs it to know what a request may cost at most."
                    error=message(problem, "max_output_tokens")
                    value=draft.max_output_tokens
                    typing=Typing::Whole
                />
                <BoundText
                    id="model-context"
                    label="Context, tokens"
                    help="Prompt and answer together."
                    error=message(problem, "context_length")
                    value=draft.context_length
                    typing=Typing::Whole
                />
            </div>
            <div class="two">{price_fields(draft, problem, 0..FIRST)}</div>
            <details class="more">
                <summary>"More prices"</summary>
                <div class="two">{price_fields(draft, problem, FIRST..PRICES.len())}</div>
            </details>
        </FormDialog>
    }
}

fn price_fields(draft: ModelDraft, problem: FormProblem, which: std::ops::Range<usize>) -> impl IntoView {
    which
        .map(|at| {
            let (field, label) = PRICES[at];
            view! {
                <BoundText
                    id=PRICE_IDS[at]
                    label
                    error=message(problem, field)
                    value=draft.prices[at]
                    typing=Typing::Decimal
                />
            }
        })
        .collect_view()
}
