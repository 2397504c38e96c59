//! There is no such page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Answers 404 and shows the way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::edge::set_status(404);
    view! {
        <Title text="Page not found" />
        <main id="main" class="alone" tabindex="-1">
            <div class="card narrow">
                <h1>"Page not found"</h1>
                <p>"There is no page at this address. It may have been moved, or the link was cut short."</p>
                <p>
                    <a class="btn primary" href="/">
                        "To the start page"
                    </a>
                </p>
            </div>
        </main>
    }
}
