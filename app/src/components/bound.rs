//! A field of text bound to a signal.

use crate::components::field::Field;
use leptos::prelude::*;

/// What may be typed, for keyboards on screens and for password managers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typing {
    /// Names, addresses, lists.
    #[default]
    Text,
    /// Whole numbers.
    Whole,
    /// Amounts.
    Decimal,
    /// A secret that goes in and never comes out.
    Secret,
    /// The password that one has.
    Password,
    /// A code of an authenticator.
    Code,
}

/// Label, input, help and error.
#[component]
pub fn BoundText(
    /// The input's id.
    id: &'static str,
    /// The label.
    label: &'static str,
    /// What to write here.
    #[prop(optional, into)]
    help: String,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What is written here.
    value: RwSignal<String>,
    /// What may be typed.
    #[prop(optional)]
    typing: Typing,
    /// Shown while it is empty.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    /// Longest text.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Can't be left empty.
    #[prop(optional)]
    required: bool,
    /// Can't be changed.
    #[prop(optional, into)]
    fixed: Signal<bool>,
) -> impl IntoView {
    let kind = if matches!(typing, Typing::Secret | Typing::Password) { "password" } else { "text" };
    let keyboard = match typing {
        Typing::Whole | Typing::Code => Some("numeric"),
        Typing::Decimal => Some("decimal"),
        Typing::Text | Typing::Secret | Typing::Password => None,
    };
    // Browsers fill `off` fields of this type with the account's password; not those for a new one.
    let filled = match typing {
        Typing::Secret => "new-password",
        Typing::Password => "current-password",
        Typing::Code => "one-time-code",
        Typing::Text | Typing::Whole | Typing::Decimal => "off",
    };
    view! {
        <Field id label help error>
            <input
                id=id
                type=kind
                inputmode=keyboard
                autocomplete=filled
                spellcheck="false"
                autocapitalize="none"
                placeholder=move || placeholder.get()
                maxlength=maxlength
                required=required
                readonly=move || fixed.get()
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=format!("{id}-help")
                bind:value=value
            />
        </Field>
    }
}

/// A check box with a sentence on what it opens.
#[component]
pub fn BoundTick(
    /// The check box's id.
    id: &'static str,
    /// The label.
    label: &'static str,
    /// What it does.
    help: &'static str,
    /// Whether it is ticked.
    checked: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="check" for=id>
                <input id=id type="checkbox" aria-describedby=format!("{id}-help") bind:checked=checked />
                {label}
            </label>
            <p class="hint" id=format!("{id}-help")>
                {help}
            </p>
        </div>
    }
}
