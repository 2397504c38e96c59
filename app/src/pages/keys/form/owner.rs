//! Whose key it is: a person, found by name or e-mail address, or the tenant itself.

use crate::components::form::{Form, TextField};
use crate::server_fns::users::list_users;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::PageRequest;
use model::user::{UserFilter, UserSort, UserStatus};
use std::time::Duration;

/// How long one must stop typing before people are looked up.
const PAUSE: Duration = Duration::from_millis(150);
/// How many people are offered.
const OFFERED: u16 = 10;

/// The field, with people to pick from while one types.
#[component]
pub fn OwnerField(
    /// The form.
    form: Form,
) -> impl IntoView {
    let people = RwSignal::new(Vec::<(String, String)>::new());
    let asked = StoredValue::new(0_u32);
    let look_up = move |typed: String| {
        let mine = asked.get_value().wrapping_add(1);
        asked.set_value(mine);
        spawn_local(async move {
            let filter =
                UserFilter { q: Some(typed), status: Some(UserStatus::Active), ..UserFilter::default() };
            let page = PageRequest { cursor: None, limit: OFFERED };
            // Who may not read accounts types the address in full.
            let Ok(found) = list_users(filter, UserSort::default(), page).await else { return };
            if asked.try_get_value() == Some(mine) {
                let _ = people.try_update(|people| {
                    *people = found.data.items.into_iter().map(|user| (user.email, user.name)).collect();
                });
            }
        });
    };
    let mut look_up_soon = debounce(PAUSE, look_up);
    let on_input = StoredValue::new_local(move |typed: String| {
        if typed.trim().is_empty() { people.set(Vec::new()) } else { look_up_soon(typed) }
    });
    let list = format!("{}-people", form.id("owner"));
    view! {
        <TextField
            form
            field="owner"
            label="Owner"
            help="E-mail address. Empty: a service key, which belongs to the tenant."
            kind="email"
            list=list.clone()
            on_input=move |typed: String| on_input.update_value(|look_up| look_up(typed))
        />
        <datalist id=list>
            {move || {
                people
                    .get()
                    .into_iter()
                    .map(|(email, name)| view! { <option value=email>{name}</option> })
                    .collect_view()
            }}
        </datalist>
    }
}
