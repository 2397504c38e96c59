//! The targets in the form of a model: a list whose order and weights are edited.

use super::draft::{ModelDraft, TargetDraft};
use crate::components::field::{FormProblem, message, sentence};
use leptos::prelude::*;
use model::ProviderName;
use model::catalog::NewModel;

/// Told where providers would stand.
pub const NO_PROVIDERS: &str = "No provider to choose from: there is none yet, or you may not see them.";

/// The list.
#[component]
pub fn TargetFields(
    /// What is typed.
    draft: ModelDraft,
    /// All providers.
    providers: Vec<ProviderName>,
    /// What is wrong.
    problem: FormProblem,
) -> impl IntoView {
    let none = providers.is_empty().then_some(NO_PROVIDERS);
    let providers = StoredValue::new(providers);
    let whole = message(problem, "targets");
    let is_full = move || draft.targets.with(|targets| targets.len() >= NewModel::MAX_TARGETS);
    view! {
        <fieldset class="target-fields" aria-describedby="model-targets-help">
            <legend>"Targets"</legend>
            <For each=move || draft.targets.get() key=|target| target.id let:target>
                <TargetRow draft target providers problem />
            </For>
            <div class="field" class:invalid=move || whole.read().is_some()>
                <div class="hint" id="model-targets-help">
                    <p>
                        "Requests are shared by weight. When a target fails, the others are tried in this order, before the first byte only."
                    </p>
                    {none.map(|text| view! { <p>{text}</p> })}
                    {move || whole.get().map(|text| view! { <p class="field-error" role="alert">{sentence(&text)}</p> })}
                </div>
            </div>
            <button
                class="btn"
                type="button"
                disabled=is_full
                on:click=move |_| draft.add("", &draft.name.get_untracked(), 1)
            >
                "Add target"
            </button>
        </fieldset>
    }
}

#[component]
fn TargetRow(
    draft: ModelDraft,
    target: TargetDraft,
    providers: StoredValue<Vec<ProviderName>>,
    problem: FormProblem,
) -> impl IntoView {
    let at = Memo::new(move |_| {
        draft.targets.with(|targets| targets.iter().position(|other| other.id == target.id).unwrap_or(0))
    });
    let number = move || at.get() + 1;
    // Errors name a target by its place.
    let wrong = move |name: &'static str| {
        Signal::derive(move || {
            let field = format!("targets[{}].{name}", at.get());
            problem.with(|problem| problem.as_ref().and_then(|p| p.field(&field)).map(sentence))
        })
    };
    let (provider, upstream, weight) = (wrong("provider"), wrong("upstream_model"), wrong("weight"));
    let errors = move || {
        [provider, upstream, weight]
            .into_iter()
            .filter_map(|signal| signal.get())
            .map(|text| view! { <p class="field-error" role="alert">{text}</p> })
            .collect_view()
    };
    let errors_id = format!("target-{}-errors", target.id);
    let described = errors_id.clone();
    let options = providers.with_value(|names| {
        names
            .iter()
            .map(|name| {
                let value = name.to_string();
                let shown = value.clone();
                view! {
                    <option value=value.clone() selected=move || *target.provider.read() == value>
                        {shown}
                    </option>
                }
            })
            .collect_view()
    });
    view! {
        <div class="target-row" role="group" aria-label=move || format!("Target {}", number())>
            <label class:invalid=move || provider.read().is_some()>
                "Provider"
                <select
                    autocomplete="off"
                    aria-describedby=described.clone()
                    aria-invalid=move || provider.read().is_some().then_some("true")
                    prop:value=move || target.provider.get()
                    on:change=move |event| target.provider.set(event_target_value(&event))
                >
                    <option value="" selected=move || target.provider.read().is_empty()>
                        "Choose…"
                    </option>
                    {options}
                </select>
            </label>
            <label class:invalid=move || upstream.read().is_some()>
                "Upstream model"
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    autocapitalize="none"
                    aria-describedby=described.clone()
                    aria-invalid=move || upstream.read().is_some().then_some("true")
                    bind:value=target.upstream_model
                />
            </label>
            <label class="weight" class:invalid=move || weight.read().is_some()>
                "Weight"
                <input
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-describedby=described
                    aria-invalid=move || weight.read().is_some().then_some("true")
                    bind:value=target.weight
                />
            </label>
            <div class="row-buttons">
                <button
                    class="btn quiet icon"
                    type="button"
                    aria-label=move || format!("Move target {} up", number())
                    disabled=move || at.get() == 0
                    on:click=move |_| draft.raise(target.id)
                >
                    "↑"
                </button>
                <button
                    class="btn quiet icon"
                    type="button"
                    aria-label=move || format!("Remove target {}", number())
                    disabled=move || draft.targets.read().len() == 1
                    on:click=move |_| draft.remove(target.id)
                >
                    "✕"
                </button>
            </div>
            <div class="row-errors" id=errors_id>
                {errors}
            </div>
        </div>
    }
}
