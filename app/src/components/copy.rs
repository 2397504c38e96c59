//! Copying to the clipboard.

use crate::browser::{copy, select};
use leptos::html::Code;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Copies a text and says so.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for people who hear the button: "Copy key".
    #[prop(into)]
    label: String,
    /// Looks like the main action.
    #[prop(optional)]
    primary: bool,
    /// Called when it was copied.
    #[prop(optional, into)]
    on_copied: Option<Callback<()>>,
    /// The element that shows the text: selected where the browser refuses to copy.
    #[prop(optional)]
    shown_in: Option<NodeRef<Code>>,
) -> impl IntoView {
    let said = RwSignal::new("");
    let on_click = move |_| {
        spawn_local(async move {
            if copy(&text.get_untracked()).await {
                said.set("Copied");
                if let Some(done) = on_copied {
                    done.run(());
                }
            } else {
                if let Some(element) = shown_in.and_then(|node| node.get_untracked()) {
                    select(&element);
                }
                said.set("Press Ctrl+C");
            }
        });
    };
    view! {
        <button class=if primary { "btn primary" } else { "btn" } type="button" on:click=on_click>
            {label}
        </button>
        <span class="said" role="status">
            {said}
        </span>
    }
}

/// Lines to paste into a terminal or an editor, with a button that copies them.
#[component]
pub fn Snippet(
    /// The lines.
    #[prop(into)]
    text: Signal<String>,
    /// What they are: "curl".
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let shown = NodeRef::new();
    let name = title.clone();
    view! {
        <figure class="snippet">
            <figcaption>
                <span>{title}</span>
                <CopyButton text label=format!("Copy {name}") shown_in=shown />
            </figcaption>
            <pre tabindex="0">
                <code node_ref=shown>{move || text.get()}</code>
            </pre>
        </figure>
    }
}
