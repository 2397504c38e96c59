//! Form fields: a label, the control, help below it, and what is wrong with it.

use leptos::prelude::*;
use model::Problem;

/// What is wrong with a form, kept until it is sent again.
pub type FormProblem = Signal<Option<Problem>>;

/// The message on one field of a form, or on one below it (`tags` shows what is wrong with `tags.team`).
pub fn message(problem: FormProblem, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        problem.with(|problem| {
            let problem = problem.as_ref()?;
            problem.field(field).map(ToOwned::to_owned).or_else(|| {
                problem.errors.iter().find_map(|error| {
                    let part = error.field.strip_prefix(field)?.strip_prefix('.')?;
                    Some(format!("{part} {}", error.message))
                })
            })
        })
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
    #[prop(into)]
    id: String,
    /// The label.
    label: &'static str,
    /// What to write here.
    #[prop(optional, into)]
    help: String,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field" class:invalid=move || error.read().is_some()>
            <label for=id.clone()>{label}</label>
            {children()}
            <Hint id=format!("{id}-help") help error />
        </div>
    }
}

/// Help below a control, and what is wrong with it; named by the control's `aria-describedby`.
#[component]
pub fn Hint(
    /// The element's id.
    id: String,
    /// What to write; may be empty.
    help: String,
    /// What is wrong.
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="hint" id=id>
            {(!help.is_empty()).then(|| view! { <p>{help}</p> })}
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{sentence(&text)}</p> })}
        </div>
    }
}

/// What is wrong with the form as a whole: title and detail when no single field is to blame, and the id that finds
/// it in the log.
#[component]
pub fn FormError(
    /// What is wrong.
    problem: FormProblem,
    /// Fields that show their own message, and that of what is below them.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let lines = move || {
        let problem = problem.get()?;
        let elsewhere: Vec<String> = problem
            .errors
            .iter()
            .filter(|error| !fields.iter().any(|field| is_at(&error.field, field)))
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

/// "must not be empty" as "Must not be empty.".
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
