//! Choosing a user by e-mail address.

use crate::components::field::Field;
use crate::components::people::{People, Suggestions};
use leptos::prelude::*;
use model::UserId;

/// What is typed, and whom it can mean.
#[derive(Clone, Copy, Default)]
pub struct PickedUser {
    /// The e-mail address as it is typed.
    pub typed: RwSignal<String>,
    /// Those that were suggested.
    pub people: People,
}

impl PickedUser {
    /// The user whose address was typed, if it was suggested.
    pub fn id(self) -> Option<UserId> {
        self.typed.with_untracked(|typed| self.people.id_of(typed))
    }
}

/// The field.
#[component]
pub fn UserPicker(
    /// The input's id.
    id: &'static str,
    /// The label.
    label: &'static str,
    /// What is typed.
    picked: PickedUser,
    /// What is wrong.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let PickedUser { typed, people } = picked;
    let mut look_up = people.on_typed();
    let on_input = move |event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        look_up(text);
    };
    let list = format!("{id}-suggested");
    view! {
        <Field id label help="Type a name or an e-mail address and choose." error>
            <input
                id=id
                type="text"
                inputmode="email"
                list=list.clone()
                autocomplete="off"
                spellcheck="false"
                autocapitalize="none"
                placeholder="ada@example.com"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=format!("{id}-help")
                prop:value=move || typed.get()
                on:input=on_input
            />
            <Suggestions id=list people />
        </Field>
    }
}
