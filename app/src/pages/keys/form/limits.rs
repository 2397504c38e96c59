//! Rate limits: of the key, or of each person behind it.

use crate::components::form::{Form, Section, TextField};
use crate::components::limits::{self, LimitFields, RATE_LIMITS};
use crate::pages::keys::words;
use leptos::prelude::*;
use model::limits::RateLimits;

/// The section.
#[component]
pub fn Limits(
    /// The form.
    form: Form,
    /// What is set now.
    limits: RateLimits,
) -> impl IntoView {
    view! {
        <Section form title="Limits" summary=words::limits(&limits) fields=&["rate_limits"]>
            <NamedLimits form names=RATE_LIMITS limits />
        </Section>
    }
}

/// The five figures.
#[component]
pub fn NamedLimits(
    /// The form.
    form: Form,
    /// The figures' names in the API.
    names: [&'static str; 5],
    /// What is set now.
    limits: RateLimits,
) -> impl IntoView {
    let shown = limits::shown(&limits);
    let field = move |nth: usize, label| {
        let (field, value) = (names[nth], shown[nth].clone());
        view! { <TextField form field label value inputmode="numeric" maxlength=20 /> }.into_any()
    };
    view! { <LimitFields field /> }
}
