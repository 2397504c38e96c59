//! The only time that a key is shown.

use crate::browser::first_call;
use crate::components::copy::Snippet;
use crate::components::shown_once::{Once, ShownOnce};
use crate::pages::keys::snippets::{self, first_model_of};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::ModelName;
use model::key::CreatedKey;

/// The key on show. Kept by the page, outside of everything that reloads; forgotten when the dialog closes.
#[derive(Clone, Copy, Default)]
pub struct Secret {
    once: Once,
    created: RwSignal<Option<CreatedKey>>,
    answer: RwSignal<Option<Result<String, String>>>,
    /// What became of the old secret; `None`: the key is new.
    rotated: RwSignal<Option<String>>,
}

impl Secret {
    /// Shows a new key.
    pub fn show(self, created: CreatedKey) {
        self.open(created, None);
    }

    /// Shows the new secret of a rotated key, and what became of the old one.
    pub fn show_rotated(self, created: CreatedKey, told: String) {
        self.open(created, Some(told));
    }

    fn open(self, created: CreatedKey, rotated: Option<String>) {
        self.answer.set(None);
        self.rotated.set(rotated);
        let secret = created.secret.clone();
        self.created.set(Some(created));
        self.once.show(secret);
    }

    fn forget(self) {
        self.created.set(None);
        self.answer.set(None);
    }
}

/// The dialog, see [`ShownOnce`].
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
    let Secret { once, created, answer, rotated } = secret;
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
    let token = once.secret();
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
        <ShownOnce
            once
            title
            label="API key"
            told=rotated
            lost="If you lose it, rotate the key. Nobody can show it again."
            on_close=closed
        >
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
        </ShownOnce>
    }
}
