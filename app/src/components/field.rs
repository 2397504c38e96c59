//! Form fields: a label, the control, help below it, and what is wrong with it.

use leptos::prelude::*;
use model::Problem;
use std::borrow::Cow;

/// What is wrong with a form, kept until it is sent again.
pub type FormProblem = Signal<Option<Problem>>;

/// The message on one field of a form.
pub fn message(problem: FormProblem, field: impl Into<Cow<'static, str>>) -> Signal<Option<String>> {
    let field = field.into();
    Signal::derive(move || {
        problem
            .with(|problem| problem.as_ref().and_then(|problem| problem.field(&field)).map(ToOwned::to_owned))
    })
}

/// Whether an error's field is `field` or one below it: `targets[0].weight` is below `targets`.
pub fn is_at(error: &str, field: &str) -> bool {
    error.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Label, control, help and error. The control is the child: it must have the id `id`, and
/// `aria-describedby="{id}-help"`.
#[component]
pub fn Field(
    /// The control's id.
    id: &'static str,
    /// The label.
    label: &'static str,
    /// What to write here.
    #[prop(optional, into)]
    help: Signal<&'static str>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:invalid=move || error.read().is_some()>
            <label for=id>{label}</label>
            {children()}
            <div class="hint" id=format!("{id}-help")>
                {move || Some(help.get()).filter(|help| !help.is_empty()).map(|help| view! { <p>{help}</p> })}
                {move || error.get().map(|text| view! { <p class="field-error" role="alert">{sentence(&text)}</p> })}
            </div>
        </div>
    }
}

/// What is wrong with the form as a whole: title and detail when no single field is to blame, and the id that finds
/// it in the log.
#[component]
pub fn FormError(
    /// What is wrong.
    problem: FormProblem,
    /// Fields that show their own message; `targets*` stands for all that begin so.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let lines = move || {
        let problem = problem.get()?;
        let elsewhere: Vec<String> = problem
            .errors
            .iter()
            .filter(|error| !fields.iter().any(|field| is_meant(field, &error.field)))
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        // Every message stands at its field already.
        if elsewhere.is_empty() && problem.detail.is_none() && !problem.errors.is_empty() {
            return None;
        }
        let id = problem.correlation_id.filter(|_| problem.status >= 500);
        Some(view! {
            <div class="form-error" role="alert">
                <p class="form-error-title">{problem.title.into_owned()}</p>
                {problem.detail.map(|detail| view! { <p>{detail.into_owned()}</p> })}
                {elsewhere.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
                {id.map(|id| view! { <p class="sub">"Correlation id " <code>{id}</code></p> })}
            </div>
        })
    };
    view! { {lines} }
}

fn is_meant(pattern: &str, field: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == field, |start| field.starts_with(start))
}

/// "must not be empty" as "Must not be empty.".
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
