//! Native dialogs. The browser keeps the focus inside, gives it back afterwards, and draws the backdrop.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// A handle on a dialog; opens and closes it from event handlers.
#[derive(Clone, Copy)]
pub struct DialogHandle(NodeRef<html::Dialog>);

impl DialogHandle {
    /// A dialog that is closed.
    pub fn new() -> Self {
        Self(NodeRef::new())
    }

    /// Opens it over the page.
    pub fn open(self) {
        if let Some(dialog) = self.0.get_untracked()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    }

    /// Closes it; the focus goes back to where it was.
    pub fn close(self) {
        if let Some(dialog) = self.0.get_untracked() {
            dialog.close();
        }
    }
}

impl Default for DialogHandle {
    fn default() -> Self {
        Self::new()
    }
}

/// A dialog with a heading.
#[component]
pub fn Dialog(
    /// Opens and closes it.
    handle: DialogHandle,
    /// The element's id; buttons may name it in `commandfor`.
    id: &'static str,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// While true, neither Esc nor a click beside the dialog nor the browser closes it.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// Called after it was closed.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    /// The rest.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let labelled = heading.clone();
    let on_keydown = move |event: ev::KeyboardEvent| {
        // Browsers close a dialog on the second Esc even when `cancel` was refused; so the key doesn't get there.
        if event.key() == "Escape" && locked.get_untracked() {
            event.prevent_default();
        }
    };
    let on_cancel = move |event: ev::Event| {
        if locked.get_untracked() {
            event.prevent_default();
        }
    };
    let closed = move |_| {
        if locked.get_untracked() {
            handle.open();
        } else if let Some(on_close) = on_close {
            on_close.run(());
        }
    };
    view! {
        <dialog
            id=id
            node_ref=handle.0
            aria-labelledby=labelled
            closedby=move || if locked.get() { "none" } else { "closerequest" }
            on:keydown=on_keydown
            on:cancel=on_cancel
            on:close=closed
        >
            <h2 id=heading>{move || title.get()}</h2>
            {children()}
        </dialog>
    }
}
