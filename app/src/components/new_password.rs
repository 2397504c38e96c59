//! The field for a password that is new.

use crate::components::field::{Field, FormProblem, message};
use leptos::prelude::*;

/// What a new password has to be, as every form says it.
pub const NEW_PASSWORD_HELP: &str = "At least 12 characters, and none that is easily guessed: a few words that don't belong together do well.";

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
            help=NEW_PASSWORD_HELP
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
