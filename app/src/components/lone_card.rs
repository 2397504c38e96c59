//! The frame of pages that stand outside of the frame: signing in, links, what isn't there.

use crate::layout::Brand;
use leptos::prelude::*;
use leptos_meta::Title;

/// A narrow card in the middle of the page, under the product's name.
#[component]
pub fn LoneCard(
    /// The document's title.
    title: &'static str,
    /// What is on the card, with its heading.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <main id="main" class="alone" tabindex="-1">
            <div class="card narrow">
                <Brand />
                {children()}
            </div>
        </main>
    }
}
