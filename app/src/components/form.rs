//! The parts of a long form: controls that are named after the fields of the API, in sections that fold.

use crate::components::field::{Field, FormProblem, Hint, is_at, message};
use leptos::html;
use leptos::prelude::*;
use model::Problem;

/// One form on a page: the beginning of its controls' ids, and what is wrong with what was sent.
#[derive(Clone, Copy)]
pub struct Form {
    prefix: &'static str,
    problem: FormProblem,
}

impl Form {
    /// A form whose controls' ids begin with `prefix`, so that two forms of one page never share one.
    pub fn new(prefix: &'static str, problem: FormProblem) -> Self {
        Self { prefix, problem }
    }

    /// The id of the control of a field: `new-rate_limits-tokens_per_day`.
    pub fn id(self, field: &str) -> String {
        format!("{}-{}", self.prefix, field.replace('.', "-"))
    }

    /// What is wrong with a field.
    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        message(self.problem, field)
    }

    fn has_error_at(self, fields: &[&str]) -> bool {
        let at = |problem: &Problem| {
            problem.errors.iter().any(|error| fields.iter().any(|field| is_at(&error.field, field)))
        };
        self.problem.with(|problem| problem.as_ref().is_some_and(at))
    }
}

/// Part of a form that folds. Opens when one of its fields is wrong: an error must not hide.
#[component]
pub fn Section(
    /// The form.
    form: Form,
    /// The heading.
    title: &'static str,
    /// What is set in it, in a few words.
    #[prop(into)]
    summary: String,
    /// Its fields.
    fields: &'static [&'static str],
    /// Whether it is open at first.
    #[prop(optional)]
    open: bool,
    /// The fields' controls.
    children: Children,
) -> impl IntoView {
    let section = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        if let Some(section) = section.get()
            && form.has_error_at(fields)
        {
            let _ = section.set_attribute("open", "");
        }
    });
    view! {
        <details class="fold" node_ref=section open=open>
            <summary>
                <span class="fold-title">{title}</span>
                <span class="sub">{summary}</span>
            </summary>
            <div class="fold-body">{children()}</div>
        </details>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// The form.
    form: Form,
    /// The field's name in the API.
    field: &'static str,
    /// The label.
    label: &'static str,
    /// What to write here.
    #[prop(optional)]
    help: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// Longest text.
    #[prop(default = 1_000)]
    maxlength: u32,
    /// Which keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// The id of a list of suggestions.
    #[prop(optional, into)]
    list: Option<String>,
    /// Whether it may not be empty.
    #[prop(optional)]
    required: bool,
    /// Whether it has the focus when the dialog opens.
    #[prop(optional)]
    autofocus: bool,
    /// Called with the text while it is typed.
    #[prop(optional, into)]
    on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = form.id(field);
    let error = form.error(field);
    let on_input = move |event| {
        if let Some(on_input) = on_input {
            on_input.run(event_target_value(&event));
        }
    };
    view! {
        <Field id=id.clone() label help error>
            <input
                id=id.clone()
                type=kind
                name=field
                value=value
                autocomplete="off"
                spellcheck="false"
                required=required
                autofocus=autofocus
                maxlength=maxlength
                inputmode=inputmode
                list=list
                aria-describedby=format!("{id}-help")
                aria-invalid=move || error.read().is_some().then_some("true")
                on:input=on_input
            />
        </Field>
    }
}

/// A box to tick.
#[component]
pub fn Tick(
    /// The form.
    form: Form,
    /// The field's name in the API.
    field: &'static str,
    /// The label.
    label: &'static str,
    /// What it does.
    #[prop(optional)]
    help: &'static str,
    /// Whether it is ticked at first.
    checked: bool,
) -> impl IntoView {
    let id = form.id(field);
    let error = form.error(field);
    let described = format!("{id}-help");
    view! {
        <div class="field" class:invalid=move || error.read().is_some()>
            <label class="check">
                <input
                    id=id
                    type="checkbox"
                    name=field
                    checked=checked
                    aria-describedby=described.clone()
                    aria-invalid=move || error.read().is_some().then_some("true")
                />
                {label}
            </label>
            <Hint id=described help=help.to_owned() error />
        </div>
    }
}

/// What of several things: each a box to tick, all with the field's name.
#[component]
pub fn Ticks(
    /// The form.
    form: Form,
    /// The field's name in the API.
    field: &'static str,
    /// What is chosen, for people who hear the page.
    label: &'static str,
    /// The words, as in the API.
    words: Vec<&'static str>,
    /// Those that are ticked at first.
    chosen: Vec<&'static str>,
) -> impl IntoView {
    let error = form.error(field);
    let described = format!("{}-help", form.id(field));
    let boxes = words
        .into_iter()
        .map(|word| {
            view! {
                <label class="check">
                    <input type="checkbox" name=field value=word checked=chosen.contains(&word) />
                    {word}
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <div class="ticks" role="group" aria-label=label aria-describedby=described.clone()>
                {boxes}
            </div>
            <Hint id=described help=String::new() error />
        </div>
    }
}

/// Which of a few ways: the first is the usual one. What belongs to one way only has its word as class, and style
/// sheets hide it under the others.
#[component]
pub fn Ways(
    /// What the field's radio buttons are called in the form.
    name: String,
    /// What is chosen.
    legend: &'static str,
    /// Word and label of each.
    ways: Vec<(&'static str, &'static str)>,
    /// The word that is chosen at first.
    chosen: &'static str,
    /// What belongs to single ways.
    children: Children,
) -> impl IntoView {
    let radios = ways
        .into_iter()
        .map(|(word, label)| {
            view! {
                <label class="check">
                    <input type="radio" name=name.clone() value=word checked=word == chosen />
                    {label}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="ways">
            <legend>{legend}</legend>
            <div class="ways-radios">{radios}</div>
            <div class="ways-body">{children()}</div>
        </fieldset>
    }
}

/// The word of [`AllOrThese`] for a list, empty or not.
pub const THESE: &str = "these";

/// Everything, or a list: what the API calls an allow-list that is left out, or one that is there.
#[component]
pub fn AllOrThese(
    /// The list's name in the API.
    field: &'static str,
    /// What is chosen.
    legend: &'static str,
    /// The label of everything.
    all: &'static str,
    /// The label of a list.
    these: &'static str,
    /// Whether a list is chosen at first.
    listed: bool,
    /// The list's control.
    children: Children,
) -> impl IntoView {
    view! {
        <Ways
            name=ways_name(field)
            legend
            ways=vec![("all", all), (THESE, these)]
            chosen=if listed { THESE } else { "all" }
        >
            <div class="these">{children()}</div>
        </Ways>
    }
}

/// What the radio buttons beside a field are called in the form.
pub fn ways_name(field: &str) -> String {
    format!("{field}:ways")
}
