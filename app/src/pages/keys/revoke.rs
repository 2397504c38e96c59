//! Revoking a key: names what depends on it, asks why, and asks for the name of a key that was used today.

use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::{Field, FormError};
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::format::{absolute, counted};
use crate::server_fns::keys::RevokeKey;
use leptos::prelude::*;
use model::KeyId;
use model::key::KeyDetail;

/// Asks before a key is revoked. Lives beside the list and not inside it: what is typed here outlives a reload.
#[derive(Clone, Copy)]
pub struct Revoking {
    dialog: DialogHandle,
    target: RwSignal<Option<KeyDetail>>,
    reason: RwSignal<String>,
    typed: RwSignal<String>,
    action: ServerAction<RevokeKey>,
}

impl Revoking {
    /// Nothing is asked yet.
    pub fn new() -> Self {
        Self {
            dialog: DialogHandle::new(),
            target: RwSignal::new(None),
            reason: RwSignal::default(),
            typed: RwSignal::default(),
            action: ServerAction::new(),
        }
    }

    /// Asks about this key.
    pub fn ask(self, detail: KeyDetail) {
        self.reason.set(String::new());
        self.typed.set(String::new());
        self.action.clear();
        self.target.set(Some(detail));
        self.dialog.open();
    }

    fn id(self) -> Option<KeyId> {
        self.target.with(|target| target.as_ref().map(|detail| detail.key.id))
    }

    /// Whether the key was used in the last 24 hours: then revoking breaks something that runs.
    fn in_use(self) -> bool {
        self.target.with(|target| target.as_ref().is_some_and(|detail| detail.last_24h.requests > 0))
    }

    fn named(self) -> bool {
        self.target
            .with(|target| target.as_ref().is_some_and(|detail| self.typed.read().trim() == detail.key.name))
    }
}

impl Default for Revoking {
    fn default() -> Self {
        Self::new()
    }
}

/// The dialog.
#[component]
pub fn RevokeDialog(
    /// Its state.
    revoking: Revoking,
    /// Called when a key was revoked: lists have to be read anew.
    #[prop(into)]
    on_revoked: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Revoking { dialog, target, reason, typed, action } = revoking;
    Effect::new(move |_| {
        if let Some(Ok(Ok(revoked))) = &*action.value().read() {
            dialog.close();
            toasts.show(format!("{} is revoked. {}.", revoked.key.name, revoked.receipt.sentence()));
            on_revoked.run(());
        }
    });
    let problem = Signal::derive(move || problem_in(action.value()));
    let pending = action.pending();
    let ready = move || {
        !reason.read().trim().is_empty() && (!revoking.in_use() || revoking.named()) && !pending.get()
    };
    let title = Signal::derive(move || {
        target.with(|target| {
            target.as_ref().map(|detail| format!("Revoke {}", detail.key.name)).unwrap_or_default()
        })
    });
    let revoke = move |_| {
        if let Some(id) = untrack(|| revoking.id()) {
            action.dispatch(RevokeKey { id, reason: reason.get_untracked().trim().to_owned() });
        }
    };
    view! {
        <Dialog handle=dialog id="revoke" title locked=pending>
            <p>{move || target.with(|target| target.as_ref().map(consequences))}</p>
            <p>"Requests that run with it are cut at once. This can't be undone."</p>
            <Reason id="revoke-reason" stays="with the key and in the audit log" problem value=reason required=true />
            {move || {
                revoking
                    .in_use()
                    .then(|| {
                        view! {
                            <Field
                                id="revoke-name"
                                label="Type the key's name to confirm"
                                help="It was used in the last 24 hours: something may stop working."
                            >
                                <input
                                    id="revoke-name"
                                    type="text"
                                    autocomplete="off"
                                    spellcheck="false"
                                    aria-describedby="revoke-name-help"
                                    bind:value=typed
                                />
                            </Field>
                        }
                    })
            }}
            <FormError problem fields=&["reason"] />
            // No form around them: Enter in a field must not revoke.
            <div class="actions">
                <button class="btn" type="button" on:click=move |_| dialog.close() disabled=pending>
                    "Cancel"
                </button>
                <button
                    class="btn danger solid"
                    type="button"
                    disabled=move || !ready()
                    aria-busy=move || pending.get().then_some("true")
                    on:click=revoke
                >
                    "Revoke key"
                </button>
            </div>
        </Dialog>
    }
}

/// Owner, last use, requests of the last 24 hours.
fn consequences(detail: &KeyDetail) -> String {
    let key = &detail.key;
    let owner = key.owner_email.clone().unwrap_or_else(|| format!("{} (service key)", key.tenant_name));
    let used =
        key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {}", absolute(at)));
    let today = counted(detail.last_24h.requests, "request", "requests");
    format!("It belongs to {owner}, was {used}, and made {today} in the last 24 hours.")
}
