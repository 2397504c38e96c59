//! The panel beside a list that shows one of its rows.

use crate::components::failure::Failure;
use crate::error::AppError;
use crate::query::{Query, use_goto};
use leptos::html;
use leptos::prelude::*;

/// A region with a heading that takes the focus when it opens.
#[component]
pub fn Drawer(
    /// The heading.
    #[prop(into)]
    title: String,
    /// The address without the drawer.
    #[prop(into)]
    close: Signal<String>,
    /// The rest.
    children: Children,
) -> impl IntoView {
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    view! {
        <section class="card drawer" aria-labelledby="drawer-title">
            <header>
                <h2 id="drawer-title" tabindex="-1" node_ref=heading>
                    {title}
                </h2>
                <a class="btn quiet icon" href=move || close.get() data-close-drawer="" data-noscroll="" aria-label="Close">
                    "✕"
                </a>
            </header>
            {children()}
        </section>
    }
}

/// The drawer of something that can't be shown.
#[component]
pub fn MissingDrawer(
    /// Why.
    error: AppError,
) -> impl IntoView {
    let goto = use_goto();
    let close = Signal::derive(move || goto.href(Query::closed));
    view! {
        <Drawer title="Can't be shown" close>
            <Failure error />
        </Drawer>
    }
}

/// One fact in a drawer.
#[component]
pub fn Fact(
    /// What it is.
    name: &'static str,
    /// Its value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}
