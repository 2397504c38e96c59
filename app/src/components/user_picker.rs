//! Choosing a user by e-mail address: the browser's own list of suggestions, filled while one types.

use crate::components::field::Field;
use crate::server_fns::users::list_users;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::user::{UserFilter, UserSort};
use model::{PageRequest, UserId};
use std::time::Duration;

/// How long one must stop typing before users are looked up.
const PAUSE: Duration = Duration::from_millis(150);
/// Suggestions at a time.
const SHOWN: u16 = 10;

/// What is typed, and whom it can mean.
#[derive(Clone, Copy, Default)]
pub struct PickedUser {
    /// The e-mail address as it is typed.
    pub typed: RwSignal<String>,
    /// Those that were suggested: their addresses and ids.
    pub known: RwSignal<Vec<(String, UserId)>>,
}

impl PickedUser {
    /// The user whose address was typed, if it was suggested.
    pub fn id(self) -> Option<UserId> {
        let typed = self.typed.get_untracked().trim().to_lowercase();
        self.known.with_untracked(|known| {
            known.iter().find(|(email, _)| email.to_lowercase() == typed).map(|(_, id)| id.clone())
        })
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
    let PickedUser { typed, known } = picked;
    let look_up = move |text: String| {
        spawn_local(async move {
            let filter = UserFilter { q: Some(text.clone()), ..UserFilter::default() };
            let page = PageRequest { cursor: None, limit: SHOWN };
            let Ok(found) = list_users(filter, UserSort::default(), page).await else { return };
            // The answer to an older search comes too late.
            if typed.try_get_untracked().is_none_or(|now| now.trim() != text) {
                return;
            }
            known.set(found.data.items.into_iter().map(|user| (user.email, user.id)).collect());
        });
    };
    let mut look_up_soon = debounce(PAUSE, look_up);
    let on_input = move |event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        look_up_soon(text.trim().to_owned());
    };
    let options = move || {
        let known = known.get();
        known.into_iter().map(|(email, _)| view! { <option value=email></option> }).collect_view()
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
            <datalist id=list>{options}</datalist>
        </Field>
    }
}
