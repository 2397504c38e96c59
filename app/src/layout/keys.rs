//! The list of the keyboard's keys (`?`).

use crate::components::dialog::{Dialog, DialogHandle};
use crate::keyboard::{KEYS, use_shortcuts, whenever};
use leptos::prelude::*;

/// The dialog.
#[component]
pub fn KeysHelp() -> impl IntoView {
    let handle = DialogHandle::new();
    whenever(use_shortcuts().help, move || handle.open());
    let rows = KEYS.into_iter().map(|(key, what)| {
        view! {
            <dt>
                <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
        }
    });
    view! {
        <Dialog handle id="keys-help" title="Keyboard shortcuts">
            <dl>{rows.collect_view()}</dl>
            <div class="actions">
                <button class="btn" type="button" on:click=move |_| handle.close()>
                    "Close"
                </button>
            </div>
        </Dialog>
    }
}
