//! The form of the role mapping: the rules in their order, and what happens when none decides.

use super::draft::{Fallback, MappingDraft};
use super::rule::RuleRow;
use super::trial::Trial;
use super::{Known, May};
use crate::browser::focus;
use crate::components::choose::{Choose, worded};
use crate::components::field::{Field, FormError, FormProblem, message};
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::server_fns::mapping::ChangeMapping;
use leptos::ev;
use leptos::prelude::*;
use model::Problem;
use model::mapping::{MissingClaim, RoleMapping};

/// Fields that show their own message.
const FIELDS: &[&str] = &["rules", "otherwise"];

/// What is saved, and what is wrong with what was sent.
#[derive(Clone, Copy)]
struct Saving {
    trial: Trial,
    saved: RwSignal<RoleMapping>,
    action: ServerAction<ChangeMapping>,
    mistyped: RwSignal<Option<Problem>>,
}

impl Saving {
    fn submit(self) {
        self.mistyped.set(None);
        self.trial.forget_mistakes();
        self.action.clear();
        match untrack(|| self.trial.draft.to_mapping()) {
            Ok(mapping) => drop(self.action.dispatch(ChangeMapping { mapping })),
            Err(problem) => self.mistyped.set(Some(problem)),
        }
    }

    fn problem(self) -> FormProblem {
        Signal::derive(move || self.mistyped.get().or_else(|| problem_in(self.action.value())))
    }

    /// Whether what is typed differs from what is saved.
    fn is_changed(self) -> bool {
        !self.trial.draft.to_mapping().is_ok_and(|mapping| *self.saved.read() == mapping)
    }
}

/// The form.
#[component]
pub fn MappingEditor(
    /// What is saved.
    mapping: RoleMapping,
    /// What is typed, with the simulator that marks the rules.
    trial: Trial,
    /// What rules can name.
    known: StoredValue<Known>,
    /// What the viewer may do.
    may: May,
) -> impl IntoView {
    let toasts = use_toasts();
    let saving = Saving {
        trial,
        saved: RwSignal::new(mapping),
        action: ServerAction::new(),
        mistyped: RwSignal::new(None),
    };
    Effect::new(move |_| {
        if let Some(Ok(Ok(mapping))) = saving.action.value().get() {
            saving.saved.set(mapping);
            toasts.show("The role mapping is saved: it counts from everybody's next sign-in.");
        }
    });
    // The rules can be found wrong by saving and by trying them.
    let (saved_problem, tried_problem) = (saving.problem(), trial.problem());
    let problem = Signal::derive(move || saved_problem.get().or_else(|| tried_problem.get()));
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            // After the messages are there.
            request_animation_frame(|| focus("#mapping .invalid :is(input, select)"));
        }
    });
    let pending = saving.action.pending();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if may.write && !pending.get_untracked() {
            saving.submit();
        }
    };
    view! {
        <form id="mapping" class="card pad" method="dialog" novalidate aria-labelledby="mapping-title" on:submit=submit>
            <h2 id="mapping-title">"Rules"</h2>
            <p class="sub">
                "They are asked in this order at every sign-in. The first that holds and has a role decides the role, over what was set by hand; every one that holds gives its tenants, and takes them back once it holds no more."
            </p>
            {(!may.write).then(|| view! { <p class="note calm">"Changing the mapping needs sso:write."</p> })}
            <fieldset class="mapping-fields" disabled=!may.write>
                <legend class="hidden">"Role mapping"</legend>
                <Rules trial known problem />
                <Otherwise draft=trial.draft known problem />
            </fieldset>
            <FormError problem=saved_problem fields=FIELDS />
            {may.write.then(|| view! { <SaveBar saving pending=pending.into() /> })}
        </form>
    }
}

#[component]
fn Rules(trial: Trial, known: StoredValue<Known>, problem: FormProblem) -> impl IntoView {
    let draft = trial.draft;
    let said = RwSignal::new(String::new());
    let whole = message(problem, "rules");
    let add = move |_| {
        let id = draft.add();
        said.set(String::new());
        request_animation_frame(move || focus(&format!("#rule-{id}-claim")));
    };
    let is_empty = move || draft.rules.with(Vec::is_empty);
    let is_full = move || draft.rules.with(|rules| rules.len() >= RoleMapping::MAX_RULES);
    view! {
        {move || {
            is_empty()
                .then(|| view! { <p class="never">"No rules: roles and tenants are given by hand, and signing in leaves them as they are."</p> })
        }}
        <ol class="rules">
            <For each=move || draft.rules.get() key=|rule| rule.id let:rule>
                <li>
                    <RuleRow rule trial known problem said />
                </li>
            </For>
        </ol>
        {move || whole.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
        <p class="hidden" role="status">
            {said}
        </p>
        <p>
            <button id="add-rule" class="btn with-scripts" type="button" disabled=is_full on:click=add>
                "Add rule"
            </button>
        </p>
    }
}

/// What happens when no rule decides, and when nothing is there that they could look at.
#[component]
fn Otherwise(draft: MappingDraft, known: StoredValue<Known>, problem: FormProblem) -> impl IntoView {
    let error = message(problem, "otherwise.role");
    let fallbacks = worded(Fallback::ALL, Fallback::as_str, |fallback| match fallback {
        Fallback::Keep => "They keep their role; a new account gets user",
        Fallback::Role => "They get a role",
        Fallback::Deny => "They can't sign in",
    });
    let missing = vec![
        ("deny".to_owned(), "They can't sign in".to_owned()),
        ("keep".to_owned(), "Everything stays as it is; a new account gets user".to_owned()),
    ];
    let roles = known.with_value(|known| {
        [(String::new(), "Choose…".to_owned())]
            .into_iter()
            .chain(known.roles.iter().cloned())
            .collect::<Vec<_>>()
    });
    let roles = StoredValue::new(roles);
    let choose_missing = move |word: String| {
        draft.missing_claim.set(if word == "keep" { MissingClaim::Keep } else { MissingClaim::Deny });
    };
    let missing_word = move || if draft.missing_claim.get() == MissingClaim::Keep { "keep" } else { "deny" };
    view! {
        <div class="two">
            <Field id="otherwise" label="When no rule decides a role">
                <Choose
                    id="otherwise"
                    choices=fallbacks
                    value=Signal::derive(move || draft.otherwise.get().as_str().to_owned())
                    on_choose=move |word: String| {
                        if let Some(fallback) = Fallback::parse(&word) {
                            draft.otherwise.set(fallback);
                        }
                    }
                />
            </Field>
            <Show when=move || draft.otherwise.get() == Fallback::Role>
                <Field id="otherwise-role" label="Which role" error>
                    <Choose
                        id="otherwise-role"
                        choices=roles.get_value()
                        value=draft.otherwise_role
                        on_choose=move |name| draft.otherwise_role.set(name)
                        invalid=Signal::derive(move || error.read().is_some())
                    />
                </Field>
            </Show>
            <Field
                id="missing-claim"
                label="When none of these claims is there"
                help="A provider that forgot its claim says nothing about rights."
            >
                <Choose
                    id="missing-claim"
                    choices=missing
                    value=Signal::derive(move || missing_word().to_owned())
                    on_choose=choose_missing
                />
            </Field>
        </div>
    }
}

#[component]
fn SaveBar(saving: Saving, pending: Signal<bool>) -> impl IntoView {
    let changed = Memo::new(move |_| saving.is_changed());
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    view! {
        <div class="actions with-scripts">
            <span class="sub" role="status">
                {move || if changed.get() { "Not saved yet." } else { "As saved." }}
            </span>
            <button
                class="btn primary"
                type="submit"
                disabled=move || !ready.get() || pending.get()
                aria-busy=move || pending.get().then_some("true")
            >
                "Save mapping"
            </button>
        </div>
    }
}
