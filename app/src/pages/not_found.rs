//! There is no such page.

use crate::components::lone_card::LoneCard;
use leptos::prelude::*;

/// Answers 404 and shows the way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::edge::set_status(404);
    view! {
        <LoneCard title="Page not found">
            <h1>"Page not found"</h1>
            <p>"There is no page at this address. It may have been moved, or the link was cut short."</p>
            <p>
                <a class="btn primary" href="/">
                    "To the start page"
                </a>
            </p>
        </LoneCard>
    }
}
