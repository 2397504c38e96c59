//! The form that makes or changes an access rule.

use super::draft::RuleDraft;
use crate::components::bound::{BoundText, BoundTick, Typing};
use crate::components::field::{Field, FormProblem, message};
use crate::components::form_dialog::FormDialog;
use crate::components::limits::{LimitFields, RATE_LIMITS};
use crate::components::toast::use_toasts;
use crate::components::user_picker::UserPicker;
use crate::editing::Editing;
use crate::pages::models::targets::NO_PROVIDERS;
use crate::server_fns::access::{ChangeRule, CreateRule};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use model::access::{AccessRuleView, AccessScopeType};
use model::tenant::Tenant;
use model::{AccessRuleId, ProviderName};

/// The dialog's id.
pub const FORM: &str = "rule-form";

/// Fields that show their own message.
const FIELDS: &[&str] =
    &["scope.value", "allowed_models", "denied_models", "allowed_providers", "rate_limits"];

const LIMIT_IDS: [&str; 5] = [
    "limit-requests-minute",
    "limit-requests-day",
    "limit-tokens-minute",
    "limit-tokens-day",
    "limit-concurrent",
];

/// The form's state.
#[derive(Clone, Copy, Default)]
pub struct RuleEditor {
    draft: RuleDraft,
    editing: Editing<AccessRuleView, AccessRuleView, CreateRule, ChangeRule>,
}

impl RuleEditor {
    /// Opens it for a new rule.
    pub fn create(self) {
        self.draft.fill(None);
        self.editing.open(None);
    }

    /// Opens it with what is there.
    pub fn edit(self, view: AccessRuleView) {
        self.draft.fill(Some(&view));
        self.editing.open(Some(view));
    }

    fn submit(self) {
        self.editing.submit(
            || Ok(CreateRule { new: self.draft.to_new()? }),
            |before| {
                let change = self.draft.to_change(&before.rule)?;
                Ok(ChangeRule { id: before.rule.id.clone(), change })
            },
        );
    }
}

/// The dialog.
#[component]
pub fn RuleForm(
    /// Its state.
    editor: RuleEditor,
    /// All providers.
    providers: Vec<ProviderName>,
    /// All tenants.
    tenants: Vec<Tenant>,
    /// Called when a rule was made or changed.
    #[prop(into)]
    on_saved: Callback<AccessRuleId>,
) -> impl IntoView {
    let toasts = use_toasts();
    let RuleEditor { draft, editing } = editor;
    let problem = editing.problem();
    editing.on_saved(move |view, is_new| {
        toasts.show(format!(
            "The rule is {}: it counts from the next request.",
            if is_new { "created" } else { "saved" }
        ));
        on_saved.run(view.rule.id);
    });
    let (title, verb) = editing.words("Create access rule", |_| "access rule".to_owned());
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
            <Scope draft tenants problem />
            <Models draft problem />
            <Providers draft providers problem />
            <fieldset class="part">
                <legend>"Limits, shared by all requests that the rule is about"</legend>
                <LimitFields field=move |nth: usize, label| {
                    let (id, value, error) = (LIMIT_IDS[nth], draft.limits[nth], message(problem, RATE_LIMITS[nth]));
                    view! { <BoundText id label error value typing=Typing::Whole placeholder="no limit" /> }.into_any()
                } />
            </fieldset>
        </FormDialog>
    }
}

#[component]
fn Scope(draft: RuleDraft, tenants: Vec<Tenant>, problem: FormProblem) -> impl IntoView {
    let kinds = [
        (AccessScopeType::Tenant, "A tenant"),
        (AccessScopeType::User, "A user"),
        (AccessScopeType::UserPath, "A user path and all below"),
    ];
    let tenants = StoredValue::new(tenants);
    let value = move || match draft.kind.get() {
        AccessScopeType::Tenant => {
            EitherOf3::A(view! { <TenantChoice draft tenants=tenants.get_value() problem /> })
        }
        AccessScopeType::User => EitherOf3::B(
            view! { <UserPicker id="rule-user" label="User" picked=draft.user error=message(problem, "scope.value") /> },
        ),
        AccessScopeType::UserPath => EitherOf3::C(view! {
            <BoundText
                id="rule-path"
                label="User path"
                help="/team covers /team and /team/alpha, not /teams."
                error=message(problem, "scope.value")
                value=draft.path
                placeholder="/team/alpha"
            />
        }),
    };
    view! {
        <div class="two">
            <Field id="rule-kind" label="About">
                <select
                    id="rule-kind"
                    autocomplete="off"
                    aria-describedby="rule-kind-help"
                    prop:value=move || draft.kind.get().as_str()
                    on:change=move |event| {
                        if let Some(kind) = AccessScopeType::parse(&event_target_value(&event)) {
                            draft.kind.set(kind);
                        }
                    }
                >
                    {kinds
                        .into_iter()
                        .map(|(kind, word)| {
                            view! {
                                <option value=kind.as_str() selected=move || draft.kind.get() == kind>
                                    {word}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </Field>
            {value}
        </div>
    }
}

#[component]
fn TenantChoice(draft: RuleDraft, tenants: Vec<Tenant>, problem: FormProblem) -> impl IntoView {
    let error = message(problem, "scope.value");
    view! {
        <Field id="rule-tenant" label="Tenant" error>
            <select
                id="rule-tenant"
                autocomplete="off"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby="rule-tenant-help"
                prop:value=move || draft.tenant.get()
                on:change=move |event| draft.tenant.set(event_target_value(&event))
            >
                <option value="" selected=move || draft.tenant.read().is_empty()>
                    "Choose…"
                </option>
                {tenants
                    .into_iter()
                    .map(|tenant| {
                        let id = tenant.id.to_string();
                        let value = id.clone();
                        view! {
                            <option value=value selected=move || *draft.tenant.read() == id>
                                {tenant.name}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </Field>
    }
}

#[component]
fn Models(draft: RuleDraft, problem: FormProblem) -> impl IntoView {
    view! {
        <fieldset class="part">
            <legend>"Models"</legend>
            <BoundTick
                id="rule-some-models"
                label="Only some models"
                help="Unticked: every model that there is or will be."
                checked=draft.some_models
            />
            <Show when=move || draft.some_models.get()>
                <BoundText
                    id="rule-allowed"
                    label="Allowed models"
                    help="Names divided by commas; * stands for any characters. Empty: none at all."
                    error=message(problem, "allowed_models")
                    value=draft.allowed_models
                    placeholder="gpt-4o*, claude-sonnet*"
                />
            </Show>
            <BoundText
                id="rule-denied"
                label="Never"
                help="Wins over everything that allows."
                error=message(problem, "denied_models")
                value=draft.denied_models
                placeholder="*-preview"
            />
        </fieldset>
    }
}

#[component]
fn Providers(draft: RuleDraft, providers: Vec<ProviderName>, problem: FormProblem) -> impl IntoView {
    let error = message(problem, "allowed_providers");
    let none = providers.is_empty().then_some(NO_PROVIDERS);
    let providers = StoredValue::new(providers);
    let boxes = move || {
        let all = providers.get_value();
        all.into_iter()
            .map(|provider| {
                let (name, shown) = (provider.clone(), provider.to_string());
                view! {
                    <label class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || draft.allowed_providers.read().contains(&name)
                            on:change=move |event| draft.tick(&provider, event_target_checked(&event))
                        />
                        {shown}
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset class="part" class:invalid=move || error.read().is_some()>
            <legend>"Providers"</legend>
            <BoundTick
                id="rule-some-providers"
                label="Only some providers"
                help="Unticked: whichever a model's targets name."
                checked=draft.some_providers
            />
            <Show when=move || draft.some_providers.get()>
                <div class="boxes">{boxes}</div>
                {none.map(|text| view! { <p class="sub">{text}</p> })}
            </Show>
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
        </fieldset>
    }
}
