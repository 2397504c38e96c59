//! Revoking many keys: one reason, and a result for each.

use crate::components::bound::BoundText;
use crate::components::bulk::{Bulk, BulkDialog, Outcome};
use crate::components::field::FormError;
use crate::components::reason::Reason;
use crate::format::{as_count, count, counted};
use crate::pages::keys::selection::{Chosen, Selection};
use crate::server_fns::keys::{RevokedOne, revoke_keys};
use leptos::prelude::*;
use model::KeyId;
use model::key::BULK_REVOKE;
use std::collections::BTreeMap;

/// The dialog's state. Lives beside the list and not inside it.
#[derive(Clone, Copy)]
pub struct BulkRevoke {
    bulk: Bulk,
    selection: Selection,
    /// What was asked about, in the order in which it is done.
    asked: RwSignal<Vec<(KeyId, Chosen)>>,
    reason: RwSignal<String>,
    typed: RwSignal<String>,
}

impl BulkRevoke {
    /// About what `selection` holds.
    pub fn new(selection: Selection) -> Self {
        Self {
            bulk: Bulk::default(),
            selection,
            asked: RwSignal::default(),
            reason: RwSignal::default(),
            typed: RwSignal::default(),
        }
    }

    fn ask(self) {
        let asked: Vec<_> = self.selection.all().get_untracked().into_iter().collect();
        self.reason.set(String::new());
        self.typed.set(String::new());
        self.bulk.ask(asked.len());
        self.asked.set(asked);
    }

    /// How many of them were used in the last 24 hours: then revoking breaks something that runs.
    fn in_use(self) -> usize {
        self.asked.with(|asked| asked.iter().filter(|(_, key)| key.in_use).count())
    }

    /// What has to be typed where something may break.
    fn phrase(self) -> String {
        format!("revoke {}", self.bulk.total())
    }

    fn ready(self) -> bool {
        let named = self.in_use() == 0 || self.typed.read().trim() == self.phrase();
        !self.reason.read().trim().is_empty() && named
    }

    fn run(self) {
        let reason = self.reason.get_untracked().trim().to_owned();
        self.bulk.run(self.asked.get_untracked(), BULK_REVOKE, move |keys| {
            let reason = reason.clone();
            async move {
                let ids = keys.iter().map(|(id, _)| *id).collect();
                let revoked = revoke_keys(ids, reason).await?;
                Ok(revoked.map(|revoked| revoked.into_iter().map(|one| self.outcome(&keys, one)).collect()))
            }
        });
    }

    fn outcome(self, keys: &[(KeyId, Chosen)], one: RevokedOne) -> Outcome {
        let name = keys.iter().find(|(id, _)| *id == one.id).map(|(_, key)| key.name.clone());
        let failed = one.failure.is_some();
        if !failed {
            self.selection.forget(one.id);
        }
        Outcome { name: name.unwrap_or_default(), text: result(&one), failed }
    }
}

/// What can be done with the chosen rows; there while there are any.
#[component]
pub fn SelectionBar(
    /// The dialog's state.
    bulk: BulkRevoke,
) -> impl IntoView {
    let chosen = bulk.selection.all();
    let number = Memo::new(move |_| chosen.with(BTreeMap::len));
    view! {
        <Show when=move || { number.get() > 0 }>
            <div class="selection" role="region" aria-label="Selected keys">
                <p role="status">{move || counted(as_count(number.get()), "key selected", "keys selected")}</p>
                <button class="btn danger" type="button" on:click=move |_| bulk.ask()>
                    "Revoke selected"
                </button>
                <button class="btn quiet" type="button" on:click=move |_| bulk.selection.clear()>
                    "Clear selection"
                </button>
            </div>
        </Show>
    }
}

/// The dialog.
#[component]
pub fn BulkRevokeDialog(
    /// Its state.
    bulk: BulkRevoke,
    /// Called when it is closed after something was revoked: lists have to be read anew.
    #[prop(into)]
    on_revoked: Callback<()>,
) -> impl IntoView {
    let title =
        Signal::derive(move || format!("Revoke {}", counted(as_count(bulk.bulk.total()), "key", "keys")));
    view! {
        <BulkDialog bulk=bulk.bulk id="revoke-many" title one="Key" on_done=on_revoked>
            <Asking bulk />
        </BulkDialog>
    }
}

#[component]
fn Asking(bulk: BulkRevoke) -> impl IntoView {
    const NAMED: usize = 5;
    let BulkRevoke { bulk: state, asked, reason, typed, .. } = bulk;
    let problem = state.problem();
    let names = move || {
        asked.with(|asked| {
            let named: Vec<_> = asked.iter().take(NAMED).map(|(_, key)| key.name.clone()).collect();
            let more = asked.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {} more", count(as_count(more))) };
            format!("{}{more}.", named.join(", "))
        })
    };
    let in_use = move || as_count(bulk.in_use());
    let confirm = move || {
        (in_use() > 0).then(|| {
            view! {
                <p>
                    {format!("{} used in the last 24 hours: something may stop working. Type ", counted(in_use(), "of them was", "of them were"))}
                    <code>{bulk.phrase()}</code> " to confirm."
                </p>
                <BoundText
                    id="bulk-phrase"
                    label="Confirmation"
                    error=Signal::stored(None::<String>)
                    value=typed
                />
            }
        })
    };
    view! {
        <p>{names}</p>
        <p>"Requests that run with them are cut at once. This can't be undone."</p>
        <Reason id="bulk-reason" stays="with each key and in the audit log" problem value=reason required=true />
        {confirm}
        <FormError problem fields=&["reason"] />
        // No form around them: Enter in a field must not revoke.
        <div class="actions">
            <button class="btn" type="button" on:click=move |_| state.dialog().close()>
                "Cancel"
            </button>
            <button
                class="btn danger solid"
                type="button"
                disabled=move || !bulk.ready()
                on:click=move |_| bulk.run()
            >
                "Revoke keys"
            </button>
        </div>
    }
}

fn result(one: &RevokedOne) -> String {
    match &one.failure {
        None => format!("Revoked, {} cut", counted(one.requests_cut, "request", "requests")),
        Some(problem) => match &problem.detail {
            Some(detail) => format!("Not revoked: {}. {detail}", problem.title),
            None => format!("Not revoked: {}", problem.title),
        },
    }
}
