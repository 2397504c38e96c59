//! The only time that a key is shown, of any sort.

use crate::components::copy::CopyButton;
use crate::components::dialog::{Dialog, DialogHandle};
use leptos::prelude::*;

/// The secret on show. Kept by the page, outside of everything that reloads; forgotten when the dialog closes.
#[derive(Clone, Copy, Default)]
pub struct Once {
    dialog: DialogHandle,
    secret: RwSignal<String>,
    stored: RwSignal<bool>,
}

impl Once {
    /// Shows a secret.
    pub fn show(self, secret: String) {
        self.stored.set(false);
        self.secret.set(secret);
        self.dialog.open();
    }

    /// The secret; empty while there is none.
    pub fn secret(self) -> Signal<String> {
        self.secret.into()
    }
}

/// The dialog: closes only after the key was copied or "I stored it" is ticked.
#[component]
pub fn ShownOnce(
    /// Its state.
    once: Once,
    /// The heading.
    title: Signal<String>,
    /// What is shown, for people who hear the page: "API key".
    label: &'static str,
    /// What else is to be known before it is put away.
    #[prop(optional, into)]
    told: Signal<Option<String>>,
    /// What to do once it is lost.
    lost: &'static str,
    /// Called when the key was put away.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it is good for.
    children: Children,
) -> impl IntoView {
    let Once { dialog, secret, stored } = once;
    let shown = NodeRef::new();
    let locked = Signal::derive(move || !secret.read().is_empty() && !stored.get());
    let closed = move |()| {
        secret.set(String::new());
        on_close.run(());
    };
    view! {
        <Dialog handle=dialog id="secret" title locked on_close=Callback::new(closed)>
            <p>"This is the only time the key is shown. Put it in your secret manager now."</p>
            {move || told.get().map(|told| view! { <p class="told" role="status">{told}</p> })}
            <div class="secret">
                <code node_ref=shown aria-label=label>
                    {secret}
                </code>
                <CopyButton
                    text=secret
                    label="Copy key"
                    primary=true
                    shown_in=shown
                    on_copied=Callback::new(move |()| stored.set(true))
                />
            </div>
            {children()}
            <p class="note">{lost}</p>
            <div class="actions">
                <label class="check">
                    <input type="checkbox" bind:checked=stored />
                    "I stored it"
                </label>
                <button class="btn primary" type="button" disabled=move || locked.get() on:click=move |_| dialog.close()>
                    "Done"
                </button>
            </div>
        </Dialog>
    }
}
