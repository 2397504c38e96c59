//! One rule in the form of the role mapping: what a claim must say, and what that gives.

use super::draft::RuleDraft;
use super::trial::Trial;
use super::{Known, words};
use crate::browser::{find, focus};
use crate::components::badge::Badge;
use crate::components::choose::{Choose, worded};
use crate::components::field::{FormProblem, sentence};
use leptos::prelude::*;
use model::mapping::Operator;

/// The row.
#[component]
pub fn RuleRow(
    /// What is typed.
    rule: RuleDraft,
    /// The simulator, with the form that this row is of.
    trial: Trial,
    /// What there is.
    known: StoredValue<Known>,
    /// What is wrong with the form.
    problem: FormProblem,
    /// What to say to those who hear the page when a rule has moved.
    said: RwSignal<String>,
) -> impl IntoView {
    let draft = trial.draft;
    let at = Memo::new(move |_| draft.place(rule.id));
    // Errors name a rule by its place.
    let wrong = move |part: &'static str| {
        Signal::derive(move || {
            let field = format!("rules[{}].{part}", at.get());
            problem.with(|problem| problem.as_ref().and_then(|p| p.field(&field)).map(sentence))
        })
    };
    let (no_provider, no_claim, no_value) = (wrong("identity_provider"), wrong("claim"), wrong("value"));
    let (no_role, no_tenants, no_assignments) = (wrong("role"), wrong("tenants"), wrong("assignments"));
    let errors = move || {
        [no_provider, no_claim, no_value, no_role, no_tenants, no_assignments]
            .into_iter()
            .filter_map(|part| part.get())
            .map(|text| view! { <p class="field-error" role="alert">{text}</p> })
            .collect_view()
    };
    let id = move |part: &str| format!("rule-{}-{part}", rule.id);
    let described = id("errors");
    let (any, none) = (("", "Any"), ("", "None: a later rule decides"));
    let with_first = |first: (&str, &str), rest: &[(String, String)]| {
        [(first.0.to_owned(), first.1.to_owned())].into_iter().chain(rest.iter().cloned()).collect::<Vec<_>>()
    };
    let providers = known.with_value(|known| with_first(any, &known.providers));
    let roles = known.with_value(|known| with_first(none, &known.roles));
    view! {
        <div class="rule" role="group" aria-label=move || format!("Rule {}", at.get() + 1)>
            <div class="rule-head">
                <strong>{move || format!("Rule {}", at.get() + 1)}</strong>
                <Mark rule=rule.id trial />
                <RowButtons rule=rule.id at trial said />
            </div>
            <div class="rule-fields">
                <label class:invalid=move || no_provider.read().is_some()>
                    "Identity provider"
                    <Choose
                        id=id("provider")
                        choices=providers
                        value=rule.provider
                        on_choose=move |name| rule.provider.set(name)
                        described=described.clone()
                    />
                </label>
                <Text
                    id=id("claim")
                    label="Claim"
                    value=rule.claim
                    error=no_claim
                    described=described.clone()
                    placeholder="groups"
                />
                <Comparison rule error=no_value described=described.clone() />
                <label class:invalid=move || no_role.read().is_some()>
                    "Role"
                    <Choose
                        id=id("role")
                        choices=roles
                        value=rule.role
                        on_choose=move |name| rule.role.set(name)
                        described=described.clone()
                        invalid=Signal::derive(move || no_role.read().is_some())
                    />
                </label>
                <Text
                    id=id("tenants")
                    label="Tenants"
                    value=rule.tenants
                    error=no_tenants
                    described=described.clone()
                    placeholder="team-alpha, team-beta"
                />
                <Text
                    id=id("assignments")
                    label="Roles in tenants"
                    value=rule.assignments
                    error=no_assignments
                    described=described.clone()
                    placeholder="team-alpha: model_admin"
                />
            </div>
            <div class="row-errors" id=described>
                {errors}
            </div>
        </div>
    }
}

/// How the claim is compared, and with what.
#[component]
fn Comparison(rule: RuleDraft, error: Signal<Option<String>>, described: String) -> impl IntoView {
    let operators = worded(Operator::ALL, Operator::as_str, |operator| match operator {
        Operator::Equals => "is",
        Operator::Matches => "is like",
        Operator::Exists => "is there",
    });
    let compares = Memo::new(move |_| rule.operator.get() != Operator::Exists);
    view! {
        <label>
            "Must be"
            <Choose
                id=format!("rule-{}-operator", rule.id)
                choices=operators
                value=Signal::derive(move || rule.operator.get().as_str().to_owned())
                on_choose=move |word: String| {
                    if let Some(operator) = Operator::parse(&word) {
                        rule.operator.set(operator);
                    }
                }
                described=described.clone()
            />
        </label>
        <div class:gone=move || !compares.get()>
            <Text
                id=format!("rule-{}-value", rule.id)
                label="Value"
                value=rule.value
                error
                described
                placeholder="gateway-admins"
            />
        </div>
    }
}

#[component]
fn Text(
    id: String,
    label: &'static str,
    value: RwSignal<String>,
    error: Signal<Option<String>>,
    described: String,
    placeholder: &'static str,
) -> impl IntoView {
    // The attribute is for pages without scripts: the property is set in browsers only.
    let first = value.get_untracked();
    view! {
        <label class:invalid=move || error.read().is_some()>
            {label}
            <input
                id=id
                type="text"
                autocomplete="off"
                spellcheck="false"
                autocapitalize="none"
                placeholder=placeholder
                value=first
                aria-describedby=described
                aria-invalid=move || error.read().is_some().then_some("true")
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
}

/// How the rule read the claims that were tried last.
#[component]
fn Mark(rule: u32, trial: Trial) -> impl IntoView {
    let mark = move || {
        let reading = trial.is_fresh().then(|| trial.reading(rule)).flatten()?;
        let (tone, text, says) = words::reading(&reading);
        Some(view! {
            <Badge tone text />
            <span class="sub">{says}</span>
        })
    };
    view! { <span class="mark">{mark}</span> }
}

#[component]
fn RowButtons(rule: u32, at: Memo<usize>, trial: Trial, said: RwSignal<String>) -> impl IntoView {
    let draft = trial.draft;
    let number = move || at.get() + 1;
    let shift = move |up: bool| {
        let before = at.get_untracked() + 1;
        draft.shift(rule, up);
        let now = at.get_untracked() + 1;
        said.set(format!("Rule {before} is rule {now} now."));
        keep_focus(rule, up);
    };
    let remove = move |_| {
        let (gone, place) = (at.get_untracked() + 1, at.get_untracked());
        draft.remove(rule);
        said.set(format!("Rule {gone} is removed."));
        let next = draft.rules.with_untracked(|rules| rules.get(place).or(rules.last()).map(|rule| rule.id));
        // After the row is gone.
        request_animation_frame(move || match next {
            Some(next) => focus(&format!("#rule-{next}-remove")),
            None => focus("#add-rule"),
        });
    };
    let is_last = move || draft.rules.with(|rules| at.get() + 1 == rules.len());
    view! {
        <span class="row-buttons with-scripts">
            <button
                id=format!("rule-{rule}-up")
                class="btn quiet icon"
                type="button"
                aria-label=move || format!("Move rule {} up", number())
                disabled=move || at.get() == 0
                on:click=move |_| shift(true)
            >
                "↑"
            </button>
            <button
                id=format!("rule-{rule}-down")
                class="btn quiet icon"
                type="button"
                aria-label=move || format!("Move rule {} down", number())
                disabled=is_last
                on:click=move |_| shift(false)
            >
                "↓"
            </button>
            <button
                id=format!("rule-{rule}-remove")
                class="btn quiet icon"
                type="button"
                aria-label=move || format!("Remove rule {}", number())
                on:click=remove
            >
                "✕"
            </button>
        </span>
    }
}

/// A row that moves loses the focus; it comes back to the button, or at the end of the list to its opposite.
fn keep_focus(rule: u32, up: bool) {
    request_animation_frame(move || {
        let (pressed, opposite) = if up { ("up", "down") } else { ("down", "up") };
        let button = |which: &str| format!("#rule-{rule}-{which}:not(:disabled)");
        let target = Some(button(pressed)).filter(|selector| find(selector).is_some());
        focus(&target.unwrap_or_else(|| button(opposite)));
    });
}
