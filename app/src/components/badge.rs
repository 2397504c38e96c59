//! Status by shape and word, never by colour alone.

use leptos::prelude::*;

/// How a badge is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Works: a round mark.
    Good,
    /// Needs a look: a diamond.
    Warning,
    /// Refused: a square.
    Bad,
    /// Over: a bar.
    Quiet,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "badge good",
            Self::Warning => "badge warning",
            Self::Bad => "badge bad",
            Self::Quiet => "badge quiet",
        }
    }
}

/// A status.
#[component]
pub fn Badge(
    /// Shape and colour.
    tone: Tone,
    /// The word.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=tone.class()>{text}</span> }
}
