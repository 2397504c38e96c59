//! Until when a key works, of any sort: in so many days, through a day, or for good.

use super::entered::Entered;
use crate::components::field::Field;
use crate::components::form::Form;
use crate::form::Reading;
use crate::format::{absolute, day};
use leptos::prelude::*;
use model::Timestamp;

/// Days until a key expires; words that are no number are read in [`expiry`].
const EXPIRY: [(&str, &str); 6] = [
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("180", "In 180 days"),
    ("365", "In a year"),
    ("on", "On a day…"),
    ("never", "Never"),
];

/// When the key ends. Days are counted from the server's time, so that a wrong clock in the browser doesn't matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// As it is; of a new key: never.
    Keep,
    /// Never.
    Never,
    /// So many days from now.
    InDays(u16),
    /// Then.
    At(Timestamp),
}

impl Expiry {
    /// The days, for the server functions.
    pub const fn days(self) -> Option<u16> {
        match self {
            Self::InDays(days) => Some(days),
            _ => None,
        }
    }
}

/// The choice, and the day where one is chosen. Its controls are read back by [`expiry`].
#[component]
pub fn Expires(
    /// The form.
    form: Form,
    /// The server's time.
    now: Timestamp,
    /// Whether the key is there already.
    #[prop(optional)]
    changes: bool,
    /// When it ends then.
    #[prop(optional_no_strip)]
    ends: Option<Timestamp>,
    /// What it means.
    #[prop(default = "Refused from then on; running requests are cut.")]
    help: &'static str,
) -> impl IntoView {
    let id = form.id("expires_at");
    let error = form.error("expires_at");
    let today = day(now);
    let usual = if changes { "keep" } else { "90" };
    let as_it_is =
        changes.then(|| ("keep", format!("As now: {}", ends.map_or_else(|| "never".to_owned(), absolute))));
    let never_now = changes && ends.is_none();
    let choices = EXPIRY.into_iter().filter(|(word, _)| !(never_now && *word == "never"));
    let on_a_day = RwSignal::new(false);
    let options = as_it_is
        .into_iter()
        .chain(choices.map(|(word, label)| (word, label.to_owned())))
        .map(|(word, label)| {
            view! {
                <option value=word selected=word == usual>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! {
        <Field id=id.clone() label="Expires" help error>
            <select
                id=id.clone()
                name="expires"
                aria-describedby=format!("{id}-help")
                aria-invalid=move || error.read().is_some().then_some("true")
                on:change=move |event| on_a_day.set(event_target_value(&event) == "on")
            >
                {options}
            </select>
            {move || {
                on_a_day
                    .get()
                    .then(|| {
                        view! {
                            <input type="date" name="expires_on" min=today.clone() aria-label="Last day (UTC)" />
                        }
                    })
            }}
        </Field>
    }
}

/// What was chosen in [`Expires`].
pub fn expiry(entered: &Entered, reading: &mut Reading) -> Expiry {
    match entered.text("expires") {
        Some("keep") => Expiry::Keep,
        Some("on") => {
            // Through that day, as people mean it.
            let end = entered
                .text("expires_on")
                .and_then(|day| Timestamp::parse_rfc3339(&format!("{day}T23:59:59Z")));
            if end.is_none() {
                reading.wrong("expires_at", "must be a day");
            }
            end.map_or(Expiry::Keep, Expiry::At)
        }
        Some(days) => days.parse().map_or(Expiry::Never, Expiry::InDays),
        None => Expiry::Never,
    }
}
