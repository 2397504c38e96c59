//! Choosing one of a few values that the page knows.

use leptos::prelude::*;

/// A `select`. What is chosen at first stands among the choices even where the page doesn't know it any more.
#[component]
pub fn Choose(
    /// The element's id.
    #[prop(into)]
    id: String,
    /// Value and words of each.
    mut choices: Vec<(String, String)>,
    /// What is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Called with what was chosen.
    #[prop(into)]
    on_choose: Callback<String>,
    /// The id of what describes it; the help of a [`super::field::Field`] when left out.
    #[prop(optional, into)]
    described: Option<String>,
    /// Whether something is wrong with it.
    #[prop(optional, into)]
    invalid: Signal<bool>,
) -> impl IntoView {
    let first = value.get_untracked();
    if !choices.iter().any(|(value, _)| *value == first) {
        choices.push((first.clone(), first));
    }
    let options = choices
        .into_iter()
        .map(|(word, shown)| {
            let this = word.clone();
            view! {
                <option value=word selected=move || *value.read() == this>
                    {shown}
                </option>
            }
        })
        .collect_view();
    let described = described.unwrap_or_else(|| format!("{id}-help"));
    view! {
        <select
            id=id
            autocomplete="off"
            aria-describedby=described
            aria-invalid=move || invalid.get().then_some("true")
            prop:value=move || value.get()
            on:change=move |event| on_choose.run(event_target_value(&event))
        >
            {options}
        </select>
    }
}

/// Choices whose value is a word of ours.
pub fn worded<T: Copy, const N: usize>(
    all: [T; N],
    value: impl Fn(T) -> &'static str,
    words: impl Fn(T) -> &'static str,
) -> Vec<(String, String)> {
    all.into_iter().map(|one| (value(one).to_owned(), words(one).to_owned())).collect()
}
