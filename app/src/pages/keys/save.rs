//! What the forms of a key do with what is wrong.

use leptos::html;
use leptos::prelude::*;
use model::error::{FieldError, Problem};
use wasm_bindgen::JsCast;

/// What the page itself found wrong, as the server would have said it.
pub(super) fn refused(errors: Vec<FieldError>) -> Problem {
    let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
    problem.errors = errors;
    problem
}

/// Leads to the first field that is wrong, wherever in the form it is.
pub(super) fn when_wrong(problem: Signal<Option<Problem>>, form: NodeRef<html::Form>) {
    Effect::new(move |_| {
        if problem.read().is_none() {
            return;
        }
        // After the fields were marked and their sections opened.
        request_animation_frame(move || {
            let Some(form) = form.get_untracked() else { return };
            let wrong = form
                .query_selector("[aria-invalid=true], .invalid input, .form-error")
                .ok()
                .flatten()
                .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(wrong) = wrong {
                let _ = wrong.focus();
                wrong.scroll_into_view();
            }
        });
    });
}
