//! A field for a list of words: each becomes a token as soon as a comma or a line break follows it.

use crate::components::field::Hint;
use crate::components::form::Form;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// What is wrong with one word, if anything.
pub type CheckWord = fn(&str) -> Option<String>;

/// The words of a list as they are typed or pasted: between commas and line breaks.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '\n', '\r']).map(str::trim).filter(|word| !word.is_empty())
}

/// What the control with the word that is still being typed is called in the form.
pub fn entry_name(field: &str) -> String {
    format!("{field}:entry")
}

/// A list of words. What is wrong with one shows at once; backspace in the empty field takes the last one away.
#[component]
pub fn TokenField(
    /// The form.
    form: Form,
    /// The list's name in the API.
    field: &'static str,
    /// The label.
    label: &'static str,
    /// What to write here.
    #[prop(optional, into)]
    help: String,
    /// What stands in it at first.
    words: Vec<String>,
    /// What is wrong with a word.
    #[prop(optional)]
    check: Option<CheckWord>,
) -> impl IntoView {
    let id = form.id(field);
    let described = format!("{id}-help");
    let tokens = RwSignal::new(words);
    let control = NodeRef::<html::Textarea>::new();
    let check = move |word: &str| check.and_then(|check| check(word));
    let sent = form.error(field);
    let error = Signal::derive(move || {
        let wrong = |word: &String| check(word).map(|text| format!("“{word}” {text}"));
        tokens.with(|tokens| tokens.iter().find_map(wrong)).or_else(|| sent.get())
    });
    let on_input = move |event| {
        let text = event_target_value(&event);
        // The word after the last comma or line break is still being typed.
        let Some(at) = text.rfind([',', '\n', '\r']) else { return };
        let (done, typing) = text.split_at(at + 1);
        tokens.update(|tokens| {
            for word in self::words(done) {
                if !tokens.iter().any(|token| token == word) {
                    tokens.push(word.to_owned());
                }
            }
        });
        if let Some(control) = control.get_untracked() {
            control.set_value(typing.trim_start());
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let empty = control.get_untracked().is_some_and(|control| control.value().is_empty());
        if event.key() == "Backspace" && empty {
            tokens.update(|tokens| {
                tokens.pop();
            });
        }
    };
    let remove = move |word: &str| {
        tokens.update(|tokens| tokens.retain(|token| token.as_str() != word));
        if let Some(control) = control.get_untracked() {
            let _ = control.focus();
        }
    };
    let shown = move |word: String| {
        let bad = check(&word).is_some();
        let gone = word.clone();
        view! {
            <li class="token" class:bad=bad>
                {word.clone()}
                <button type="button" aria-label=format!("Remove {word}") on:click=move |_| remove(&gone)>
                    "✕"
                </button>
                <input type="hidden" name=field value=word />
            </li>
        }
    };
    view! {
        <div class="field" class:invalid=move || error.read().is_some()>
            <label for=id.clone()>{label}</label>
            <div class="tokens">
                <ul>
                    <For each=move || tokens.get() key=Clone::clone children=shown />
                </ul>
                <textarea
                    id=id
                    node_ref=control
                    name=entry_name(field)
                    rows="1"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=described.clone()
                    aria-invalid=move || error.read().is_some().then_some("true")
                    on:input=on_input
                    on:keydown=on_keydown
                ></textarea>
            </div>
            <Hint id=described help error />
        </div>
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_of_lines_and_commas() {
        let text = "gpt-4o*, claude-3\r\n\n  echo ,";
        assert_eq!(super::words(text).collect::<Vec<_>>(), ["gpt-4o*", "claude-3", "echo"]);
    }
}
