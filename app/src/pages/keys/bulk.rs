//! Revoking many keys: one reason, in chunks that can be stopped, and a result for each.

use crate::components::bound::BoundText;
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::{FormError, message};
use crate::format::{count, counted};
use crate::pages::keys::selection::{Chosen, Selection};
use crate::server_fns::keys::{RevokedOne, revoke_keys};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::key::BULK_REVOKE;
use model::{KeyId, Problem};
use std::collections::BTreeMap;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Being asked.
    Asking,
    /// Being done.
    Running,
    /// Done, stopped or failed.
    Over,
}

/// The dialog's state. Lives beside the list and not inside it.
#[derive(Clone, Copy)]
pub struct BulkRevoke {
    dialog: DialogHandle,
    selection: Selection,
    stage: RwSignal<Stage>,
    /// What was asked about, in the order in which it is done.
    asked: RwSignal<Vec<(KeyId, Chosen)>>,
    results: RwSignal<Vec<RevokedOne>>,
    stopped: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    reason: RwSignal<String>,
    typed: RwSignal<String>,
}

impl BulkRevoke {
    /// About what `selection` holds.
    pub fn new(selection: Selection) -> Self {
        Self {
            dialog: DialogHandle::new(),
            selection,
            stage: RwSignal::new(Stage::Asking),
            asked: RwSignal::default(),
            results: RwSignal::default(),
            stopped: RwSignal::new(false),
            problem: RwSignal::new(None),
            reason: RwSignal::default(),
            typed: RwSignal::default(),
        }
    }

    fn ask(self) {
        self.stage.set(Stage::Asking);
        self.asked.set(self.selection.all().get_untracked().into_iter().collect());
        self.results.set(Vec::new());
        self.stopped.set(false);
        self.problem.set(None);
        self.reason.set(String::new());
        self.typed.set(String::new());
        self.dialog.open();
    }

    /// How many of them were used in the last 24 hours: then revoking breaks something that runs.
    fn in_use(self) -> usize {
        self.asked.with(|asked| asked.iter().filter(|(_, key)| key.in_use).count())
    }

    /// What has to be typed where something may break.
    fn phrase(self) -> String {
        format!("revoke {}", self.asked.with(Vec::len))
    }

    fn ready(self) -> bool {
        let named = self.in_use() == 0 || self.typed.read().trim() == self.phrase();
        !self.reason.read().trim().is_empty() && named
    }

    fn run(self) {
        let reason = self.reason.get_untracked().trim().to_owned();
        let ids: Vec<KeyId> = self.asked.get_untracked().into_iter().map(|(id, _)| id).collect();
        self.problem.set(None);
        self.stage.set(Stage::Running);
        spawn_local(async move {
            for chunk in ids.chunks(BULK_REVOKE) {
                if self.stopped.try_get_untracked() != Some(false) {
                    break;
                }
                match revoke_keys(chunk.to_vec(), reason.clone()).await {
                    Ok(Ok(done)) => {
                        for one in done.iter().filter(|one| one.failure.is_none()) {
                            self.selection.forget(one.id);
                        }
                        self.results.update(|results| results.extend(done));
                    }
                    Ok(Err(problem)) => return self.fail(problem),
                    Err(error) => return self.fail(*error.0),
                }
            }
            self.stage.set(Stage::Over);
        });
    }

    /// Nothing was done of this chunk. What is wrong with the reason is told where it is typed.
    fn fail(self, problem: Problem) {
        let again = self.results.with_untracked(Vec::is_empty);
        self.problem.set(Some(problem));
        self.stage.set(if again { Stage::Asking } else { Stage::Over });
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

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
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
    let BulkRevoke { dialog, stage, asked, results, .. } = bulk;
    let running = Signal::derive(move || stage.get() == Stage::Running);
    let number = move || as_count(asked.with(Vec::len));
    let title = Signal::derive(move || format!("Revoke {}", counted(number(), "key", "keys")));
    let on_close = move |()| {
        if !results.read_untracked().is_empty() {
            on_revoked.run(());
        }
    };
    view! {
        <Dialog handle=dialog id="revoke-many" title locked=running on_close>
            <Show when=move || stage.get() == Stage::Asking>
                <Asking bulk />
            </Show>
            <Show when=move || stage.get() != Stage::Asking>
                <Progress bulk />
            </Show>
        </Dialog>
    }
}

#[component]
fn Asking(bulk: BulkRevoke) -> impl IntoView {
    const NAMED: usize = 5;
    let BulkRevoke { dialog, asked, problem, reason, typed, .. } = bulk;
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
    let problem: crate::components::field::FormProblem = problem.into();
    view! {
        <p>{names}</p>
        <p>"Requests that run with them are cut at once. This can't be undone."</p>
        <BoundText
            id="bulk-reason"
            label="Reason"
            help="Stays with each key and in the audit log."
            error=message(problem, "reason")
            value=reason
            required=true
        />
        {confirm}
        <FormError problem fields=&["reason"] />
        // No form around them: Enter in a field must not revoke.
        <div class="actions">
            <button class="btn" type="button" on:click=move |_| dialog.close()>
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

#[component]
fn Progress(bulk: BulkRevoke) -> impl IntoView {
    let BulkRevoke { dialog, stage, asked, results, stopped, problem, .. } = bulk;
    let total = move || asked.with(Vec::len);
    let done = move || results.with(Vec::len);
    let failed = move || results.with(|results| results.iter().filter(|one| one.failure.is_some()).count());
    let words = move || {
        let so_far = format!("{} of {} done", count(as_count(done())), count(as_count(total())));
        let failed = match failed() {
            0 => String::new(),
            failed => format!(", {} not revoked", count(as_count(failed))),
        };
        let end = match (stage.get(), stopped.get()) {
            (Stage::Running, true) => ", stopping",
            (Stage::Over, true) if done() < total() => ", stopped: the others are as they were",
            _ => "",
        };
        format!("{so_far}{failed}{end}.")
    };
    let name_of = move |id: KeyId| {
        asked.with_untracked(|asked| {
            asked.iter().find(|(asked, _)| *asked == id).map(|(_, key)| key.name.clone()).unwrap_or_default()
        })
    };
    view! {
        <p role="status">{words}</p>
        <progress aria-label="Keys done" max=move || total().to_string() value=move || done().to_string()></progress>
        <FormError problem=problem.into() />
        <div class="table-wrap results" tabindex="0" role="region" aria-label="Result for each key">
            <table class="figures">
                <caption class="hidden">"Result for each key"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Result"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || results.get() key=|one| one.id let:one>
                        <tr>
                            <th scope="row">{name_of(one.id)}</th>
                            <td>{result(&one)}</td>
                        </tr>
                    </For>
                </tbody>
            </table>
        </div>
        <div class="actions">
            <Show
                when=move || stage.get() == Stage::Running
                fallback=move || {
                    view! {
                        <button class="btn primary" type="button" on:click=move |_| dialog.close()>
                            "Done"
                        </button>
                    }
                }
            >
                <button class="btn" type="button" disabled=stopped on:click=move |_| stopped.set(true)>
                    "Stop"
                </button>
            </Show>
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
