//! The head of a page inside of the frame.

use leptos::prelude::*;
use leptos_meta::Title;

/// The document's title, the heading, and what belongs beside it.
#[component]
pub fn Head(
    /// The heading.
    title: &'static str,
    /// What the page is about, in a few words.
    #[prop(optional)]
    about: Option<&'static str>,
    /// Buttons, exports.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title />
        <div class="head">
            <h1>{title}</h1>
            {about.map(|about| view! { <p>{about}</p> })}
            {children.map(|children| children())}
        </div>
    }
}
