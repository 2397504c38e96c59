//! Suggesting people while one types: by name or e-mail address, as a list that the browser shows at the input.

use crate::server_fns::users::list_users;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::user::{UserFilter, UserSort, UserStatus};
use model::{PageRequest, UserId};
use std::time::Duration;

/// How long one must stop typing before people are looked up.
const PAUSE: Duration = Duration::from_millis(150);
/// Suggestions at a time.
const SHOWN: u16 = 10;

#[derive(Clone)]
struct Person {
    id: UserId,
    email: String,
    name: String,
}

/// People who match what is typed.
#[derive(Clone, Copy, Default)]
pub struct People {
    known: RwSignal<Vec<Person>>,
    asked: StoredValue<u32>,
    status: Option<UserStatus>,
}

impl People {
    /// Only people who may sign in.
    pub fn active() -> Self {
        Self { status: Some(UserStatus::Active), ..Self::default() }
    }

    /// What to call with the text, each time that it changes. Who may not read accounts types addresses in full.
    pub fn on_typed(self) -> impl FnMut(String) + 'static {
        let mut look_up_soon = debounce(PAUSE, move |typed: String| {
            spawn_local(async move { self.look_up(typed).await });
        });
        move |typed| {
            let typed = typed.trim().to_owned();
            if typed.is_empty() { self.known.set(Vec::new()) } else { look_up_soon(typed) }
        }
    }

    async fn look_up(self, typed: String) {
        let Some(mine) = self.asked.try_update_value(|asked| {
            *asked = asked.wrapping_add(1);
            *asked
        }) else {
            return;
        };
        let Some(people) = self.fetch(typed).await else { return };
        // The answer to an older search comes too late.
        if self.asked.try_get_value() == Some(mine) {
            let _ = self.known.try_update(|known| *known = people);
        }
    }

    async fn fetch(self, typed: String) -> Option<Vec<Person>> {
        let filter = UserFilter { q: Some(typed), status: self.status, ..UserFilter::default() };
        let page = PageRequest { cursor: None, limit: SHOWN };
        let found = list_users(filter, UserSort::default(), page).await.ok()?.data.items.into_iter();
        Some(found.map(|user| Person { id: user.id, email: user.email, name: user.name }).collect())
    }

    /// Somebody who is known already, with their address.
    pub fn know(self, id: UserId, email: String) {
        self.known.set(vec![Person { id, name: email.clone(), email }]);
    }

    /// Who was suggested and has this address.
    pub fn id_of(self, email: &str) -> Option<UserId> {
        self.known.with_untracked(|known| with_address(known, email))
    }

    /// The same, looked up now if it wasn't suggested yet.
    pub async fn find(self, email: String) -> Option<UserId> {
        if let Some(id) = self.id_of(&email) {
            return Some(id);
        }
        with_address(&self.fetch(email.trim().to_owned()).await?, &email)
    }
}

fn with_address(people: &[Person], email: &str) -> Option<UserId> {
    let email = email.trim().to_lowercase();
    people.iter().find(|person| person.email.to_lowercase() == email).map(|person| person.id.clone())
}

/// The suggestions of the input whose `list` is this id.
#[component]
pub fn Suggestions(
    /// The element's id.
    id: String,
    /// Who is suggested.
    people: People,
) -> impl IntoView {
    let options = move || {
        let known = people.known.get().into_iter();
        known.map(|person| view! { <option value=person.email>{person.name}</option> }).collect_view()
    };
    view! { <datalist id=id>{options}</datalist> }
}
