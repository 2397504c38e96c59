//! The only time that a management key is shown, with a line that tries it.

use crate::components::copy::Snippet;
use crate::components::shown_once::{Once, ShownOnce};
use crate::pages::keys::snippets::admin_curl;
use leptos::prelude::*;
use model::management_key::{CreatedManagementKey, ManagementKey};

/// The key on show. Kept by the page, outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct Secret {
    once: Once,
    key: RwSignal<Option<ManagementKey>>,
}

impl Secret {
    /// Shows a new key.
    pub fn show(self, created: CreatedManagementKey) {
        self.key.set(Some(created.key.key));
        self.once.show(created.secret);
    }
}

/// The dialog, see [`ShownOnce`].
#[component]
pub fn SecretDialog(
    /// Its state.
    secret: Secret,
    /// Where the gateway is called.
    base_url: String,
    /// Called when the key was put away: lists have to be read anew.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Secret { once, key } = secret;
    let title = Signal::derive(move || {
        key.with(|key| key.as_ref().map(|key| format!("{} is ready", key.name)).unwrap_or_default())
    });
    let token = once.secret();
    let curl = Signal::derive(move || {
        let permissions = key.with(|key| key.as_ref().map(|key| key.permissions).unwrap_or_default());
        admin_curl(&base_url, permissions, &token.read())
    });
    view! {
        <ShownOnce
            once
            title
            label="Management key"
            lost="If you lose it, revoke it and create another one. Nobody can show it again."
            on_close=on_done
        >
            <Snippet text=curl title="curl" />
            <Bounds />
        </ShownOnce>
    }
}

/// What no management key can do.
#[component]
pub fn Bounds() -> impl IntoView {
    view! {
        <p class="sub">
            "It opens the Admin API and calls no models. It makes no management key of more power or longer life than its own, and never does more than you may yourself at that moment."
        </p>
    }
}
