//! The field for a password that is new.

use crate::components::field::{Field, FormProblem, message};
use leptos::prelude::*;

/// Named `password` in the form and in problems.
#[component]
pub fn NewPassword(
    /// What is wrong with the form.
    problem: FormProblem,
    /// Whether it is the first field that one has to fill.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    view! {
        <Field
            id="password"
            label="Password"
            help="At least 12 characters. Length is what counts."
            error=message(problem, "password")
        >
            <input
                id="password"
                type="password"
                name="password"
                autocomplete="new-password"
                required
                autofocus=first
                minlength="12"
                maxlength="1024"
                aria-describedby="password-help"
            />
        </Field>
    }
}
