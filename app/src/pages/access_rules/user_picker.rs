//! Choosing a user by e-mail address: the browser's own list of suggestions, filled while one types.

use super::draft::RuleDraft;
use crate::components::field::{Field, FormProblem, message};
use crate::server_fns::users::list_users;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::PageRequest;
use model::user::{UserFilter, UserSort};
use std::time::Duration;

/// How long one must stop typing before users are looked up.
const PAUSE: Duration = Duration::from_millis(150);
/// Suggestions at a time.
const SHOWN: u16 = 10;

/// The field.
#[component]
pub fn UserPicker(
    /// What is typed.
    draft: RuleDraft,
    /// What is wrong.
    problem: FormProblem,
) -> impl IntoView {
    let error = message(problem, "scope.value");
    let look_up = move |typed: String| {
        spawn_local(async move {
            let filter = UserFilter { q: Some(typed.clone()), ..UserFilter::default() };
            let page = PageRequest { cursor: None, limit: SHOWN };
            let Ok(found) = list_users(filter, UserSort::default(), page).await else { return };
            // The answer to an older search comes too late.
            if draft.user.try_get_untracked().is_none_or(|now| now.trim() != typed) {
                return;
            }
            draft.known.set(found.data.items.into_iter().map(|user| (user.email, user.id)).collect());
        });
    };
    let mut look_up_soon = debounce(PAUSE, look_up);
    let on_input = move |event| {
        let typed = event_target_value(&event);
        draft.user.set(typed.clone());
        look_up_soon(typed.trim().to_owned());
    };
    let options = move || {
        let known = draft.known.get();
        known.into_iter().map(|(email, _)| view! { <option value=email></option> }).collect_view()
    };
    view! {
        <Field id="rule-user" label="User" help="Type a name or an e-mail address and choose." error>
            <input
                id="rule-user"
                type="text"
                inputmode="email"
                list="rule-users"
                autocomplete="off"
                spellcheck="false"
                autocapitalize="none"
                placeholder="ada@example.com"
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby="rule-user-help"
                prop:value=move || draft.user.get()
                on:input=on_input
            />
            <datalist id="rule-users">{options}</datalist>
        </Field>
    }
}
