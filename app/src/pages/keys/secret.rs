//! The only time that a key is shown.

use crate::browser::first_call;
use crate::components::copy::{CopyButton, Snippet};
use crate::components::dialog::{Dialog, DialogHandle};
use crate::pages::keys::snippets::{self, first_model_of};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ModelName;
use model::key::CreatedKey;

/// The key on show. Kept by the page, outside of everything that reloads; forgotten when the dialog closes.
#[derive(Clone, Copy)]
pub struct Secret {
    dialog: DialogHandle,
    created: RwSignal<Option<CreatedKey>>,
    stored: RwSignal<bool>,
    answer: RwSignal<Option<Result<String, String>>>,
    /// What became of the old secret; `None`: the key is new.
    rotated: RwSignal<Option<String>>,
}

impl Secret {
    /// Nothing to show yet.
    pub fn new() -> Self {
        Self {
            dialog: DialogHandle::new(),
            created: RwSignal::new(None),
            stored: RwSignal::new(false),
            answer: RwSignal::new(None),
            rotated: RwSignal::new(None),
        }
    }

    /// Shows a new key.
    pub fn show(self, created: CreatedKey) {
        self.open(created, None);
    }

    /// Shows the new secret of a rotated key, and what became of the old one.
    pub fn show_rotated(self, created: CreatedKey, told: String) {
        self.open(created, Some(told));
    }

    fn open(self, created: CreatedKey, rotated: Option<String>) {
        self.stored.set(false);
        self.answer.set(None);
        self.rotated.set(rotated);
        self.created.set(Some(created));
        self.dialog.open();
    }

    fn forget(self) {
        self.created.set(None);
        self.answer.set(None);
    }

    fn token(self) -> String {
        self.created
            .with(|created| created.as_ref().map(|created| created.secret.clone()).unwrap_or_default())
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

/// The dialog: closes only after the key was copied or "I stored it" is ticked.
#[component]
pub fn SecretDialog(
    /// Its state.
    secret: Secret,
    /// Where the gateway is called.
    base_url: String,
    /// Models that the viewer may call: the snippets name one.
    models: Vec<ModelName>,
    /// Called when the key was put away: lists have to be read anew.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Secret { dialog, created, stored, answer, rotated } = secret;
    let shown = NodeRef::new();
    let trying = RwSignal::new(false);
    let title = Signal::derive(move || {
        created.with(|created| {
            let name = created.as_ref().map(|created| created.key.name.clone()).unwrap_or_default();
            if rotated.read().is_some() {
                format!("{name} has a new secret")
            } else {
                format!("{name} is ready")
            }
        })
    });
    let model = Memo::new(move |_| {
        created.with(|created| {
            created.as_ref().map_or_else(String::new, |created| first_model_of(&models, &created.key.scope))
        })
    });
    // Where the key asks who is behind a request, a call from here would be refused.
    let can_try = move || {
        created.with(|created| created.as_ref().is_some_and(|created| !created.key.scope.identity.enforce))
    };
    let token = Signal::derive(move || secret.token());
    let locked = Signal::derive(move || created.read().is_some() && !stored.get());
    let curl = {
        let base_url = base_url.clone();
        Signal::derive(move || snippets::curl_with_key(&base_url, &model.read(), &token.read()))
    };
    let python = Signal::derive(move || snippets::python(&base_url, &model.read()));
    let closed = move |()| {
        secret.forget();
        on_done.run(());
    };
    let try_it = move |_| {
        trying.set(true);
        spawn_local(async move {
            let said = first_call(&token.get_untracked(), &model.get_untracked()).await;
            answer.set(Some(said));
            trying.set(false);
        });
    };
    let answered = move || {
        answer.get().map(|answer| match answer {
            Ok(text) => view! { <p class="said-back">"The model answered: " <q>{text}</q></p> }.into_any(),
            Err(text) => view! { <p class="field-error">"The call failed: " {text}</p> }.into_any(),
        })
    };
    view! {
        <Dialog handle=dialog id="secret" title locked on_close=Callback::new(closed)>
            <p>"This is the only time the key is shown. Put it in your secret manager now."</p>
            {move || rotated.get().map(|told| view! { <p class="told" role="status">{told}</p> })}
            <div class="secret">
                <code node_ref=shown aria-label="API key">
                    {token}
                </code>
                <CopyButton
                    text=token
                    label="Copy key"
                    primary=true
                    shown_in=shown
                    on_copied=Callback::new(move |()| stored.set(true))
                />
            </div>
            <Snippet text=curl title="curl" />
            <Snippet text=python title="Python" />
            <Show when=can_try>
                <div class="try">
                    <button class="btn" type="button" on:click=try_it disabled=move || trying.get()>
                        "Send a first request"
                    </button>
                    <div role="status">{answered}</div>
                </div>
            </Show>
            <p class="note">"If you lose it, rotate the key. Nobody can show it again."</p>
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
