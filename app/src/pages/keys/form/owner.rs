//! Whose key it is: a person, found by name or e-mail address, or the tenant itself.

use crate::components::form::{Form, TextField};
use crate::components::people::{People, Suggestions};
use leptos::prelude::*;

/// The field, with people to pick from while one types.
#[component]
pub fn OwnerField(
    /// The form.
    form: Form,
) -> impl IntoView {
    let people = People::active();
    let on_typed = StoredValue::new_local(people.on_typed());
    let list = format!("{}-people", form.id("owner"));
    view! {
        <TextField
            form
            field="owner"
            label="Owner"
            help="E-mail address. Empty: a service key, which belongs to the tenant."
            kind="email"
            list=list.clone()
            on_input=move |typed: String| on_typed.update_value(|look_up| look_up(typed))
        />
        <Suggestions id=list people />
    }
}
