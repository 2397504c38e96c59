//! What is done to several accounts at once: some at a time, with a bar, and a result for each.

use crate::components::bound::BoundText;
use crate::components::dialog::{Dialog, DialogHandle};
use crate::error::{Answer, AppError};
use crate::format::counted;
use crate::server_fns::users::{offboard_users, set_status_of_users};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Problem;
use model::user::{OffboardMany, OneOfMany, StatusOfMany, User, UserStatus};

/// How many are done by one call: the bar moves on after each.
const AT_A_TIME: usize = 20;

/// What is done to each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Deed {
    #[default]
    Deactivate,
    Activate,
    Offboard,
}

impl Deed {
    const fn verb(self) -> &'static str {
        match self {
            Self::Deactivate => "Deactivate",
            Self::Activate => "Activate",
            Self::Offboard => "Offboard",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Deactivate => {
                ": they can't sign in any more, their sessions end and their keys are refused, until they are activated again."
            }
            Self::Activate => ": they can sign in again, and the keys that they still have work again.",
            Self::Offboard => {
                ": all of their keys are revoked for good, their sessions end, and the accounts become Inactive. This can't be undone."
            }
        }
    }

    /// Does it to these.
    async fn to(self, users: &[User], reason: Option<String>) -> Result<Answer<Vec<OneOfMany>>, AppError> {
        let ids = users.iter().map(|user| user.id.to_string()).collect();
        let status = match self {
            Self::Deactivate => UserStatus::Inactive,
            Self::Activate => UserStatus::Active,
            Self::Offboard => return offboard_users(OffboardMany { ids, reason }).await,
        };
        set_status_of_users(StatusOfMany { ids, status, reason }).await
    }
}

/// One account's outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    name: String,
    text: String,
    failed: bool,
}

/// Which accounts are picked, and what became of them. Outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct Bulk {
    dialog: DialogHandle,
    /// The accounts that are picked, also on other pages of the list.
    pub picked: RwSignal<Vec<User>>,
    deed: RwSignal<Deed>,
    reason: RwSignal<String>,
    outcomes: RwSignal<Vec<Outcome>>,
    running: RwSignal<bool>,
    /// How many there are to do; 0: it didn't begin.
    total: RwSignal<usize>,
}

impl Bulk {
    /// Picks an account, or puts it back.
    pub fn pick(self, user: &User, picked: bool) {
        self.picked.update(|all| {
            all.retain(|other| other.id != user.id);
            if picked {
                all.push(user.clone());
            }
        });
    }

    /// Whether the account is picked.
    pub fn is_picked(self, user: &User) -> bool {
        self.picked.read().iter().any(|other| other.id == user.id)
    }

    fn ask(self, deed: Deed) {
        self.deed.set(deed);
        self.reason.set(String::new());
        self.outcomes.set(Vec::new());
        self.total.set(0);
        self.dialog.open();
    }

    fn run(self, on_done: Callback<()>) {
        let users = self.picked.get_untracked();
        let reason = Some(self.reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty());
        let deed = self.deed.get_untracked();
        self.total.set(users.len());
        self.running.set(true);
        spawn_local(async move {
            for some in users.chunks(AT_A_TIME) {
                let results = match deed.to(some, reason.clone()).await {
                    Ok(Ok(results)) => results,
                    Ok(Err(problem)) => none_of(some, &problem),
                    Err(AppError(problem)) => none_of(some, &problem),
                };
                for (user, one) in some.iter().zip(results) {
                    let failed = !one.is_done();
                    let outcome = Outcome { name: user.name.clone(), text: one.message, failed };
                    // The page was left: nobody sees the rest, and nothing more is done unseen.
                    if self.outcomes.try_update(|all| all.push(outcome)).is_none() {
                        return;
                    }
                    if !failed {
                        self.pick(user, false);
                    }
                }
            }
            self.running.set(false);
            on_done.run(());
        });
    }
}

/// The call itself failed: nothing was done to any of these.
fn none_of(users: &[User], problem: &Problem) -> Vec<OneOfMany> {
    let message = match problem.errors.first() {
        Some(error) => format!("{} {}", error.field, error.message),
        None => problem.detail.clone().unwrap_or_else(|| problem.title.clone()).into_owned(),
    };
    let one = |user: &User| OneOfMany {
        id: user.id.to_string(),
        status: problem.status,
        code: problem.code.clone(),
        message: message.clone(),
        receipt: None,
    };
    users.iter().map(one).collect()
}

/// How many are picked, and what can be done with them.
#[component]
pub fn BulkBar(
    /// Its state.
    bulk: Bulk,
) -> impl IntoView {
    let picked = move || u64::try_from(bulk.picked.read().len()).unwrap_or(u64::MAX);
    view! {
        <Show when=move || !bulk.picked.read().is_empty()>
            <div class="bulk" role="group" aria-label="Picked users">
                <span role="status">{move || format!("{} picked", counted(picked(), "user", "users"))}</span>
                <button class="btn danger" type="button" on:click=move |_| bulk.ask(Deed::Deactivate)>
                    "Deactivate…"
                </button>
                <button class="btn" type="button" on:click=move |_| bulk.ask(Deed::Activate)>
                    "Activate…"
                </button>
                <button class="btn danger" type="button" on:click=move |_| bulk.ask(Deed::Offboard)>
                    "Offboard…"
                </button>
                <button class="btn quiet" type="button" on:click=move |_| bulk.picked.set(Vec::new())>
                    "Pick none"
                </button>
            </div>
        </Show>
    }
}

/// The dialog that asks, shows how far it is, and what became of each.
#[component]
pub fn BulkDialog(
    /// Its state.
    bulk: Bulk,
    /// Called when all are done: lists have to be read anew.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Bulk { dialog, picked, deed, reason, outcomes, running, total } = bulk;
    let begun = move || total.get() > 0;
    let title = Signal::derive(move || {
        let all = if total.get() > 0 { total.get() } else { picked.read().len() };
        format!("{} {}", deed.get().verb(), counted(u64::try_from(all).unwrap_or(u64::MAX), "user", "users"))
    });
    let names = move || picked.read().iter().map(|user| user.name.clone()).collect::<Vec<_>>().join(", ");
    let progress = move || {
        let failed = outcomes.read().iter().filter(|outcome| outcome.failed).count();
        format!("{} of {} done, {failed} failed", outcomes.read().len(), total.get())
    };
    let rows = move || {
        outcomes
            .get()
            .into_iter()
            .map(|Outcome { name, text, failed }| {
                view! {
                    <li>
                        <span>{name}</span>
                        <span class:field-error=failed>{if failed { format!("Failed: {text}") } else { text }}</span>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Dialog handle=dialog id="bulk-users" title locked=running>
            <Show
                when=begun
                fallback=move || {
                    view! {
                        <p>
                            {names}
                            {deed.get().meaning()}
                        </p>
                        <BoundText
                            id="bulk-reason"
                            label="Reason"
                            help="Optional; stays in the audit log."
                            error=Signal::derive(|| None::<String>)
                            value=reason
                        />
                    }
                }
            >
                <p role="status">{progress}</p>
                <progress
                    aria-label="Progress"
                    max=move || total.get().to_string()
                    value=move || outcomes.read().len().to_string()
                ></progress>
                <ul class="results">{rows}</ul>
            </Show>
            <div class="actions">
                <button class="btn" type="button" disabled=running on:click=move |_| dialog.close()>
                    {move || if begun() { "Close" } else { "Cancel" }}
                </button>
                <Show when=move || !begun()>
                    <button
                        class="btn solid"
                        class:danger=move || deed.get() != Deed::Activate
                        class:primary=move || deed.get() == Deed::Activate
                        type="button"
                        on:click=move |_| bulk.run(on_done)
                    >
                        {move || deed.get().verb()}
                    </button>
                </Show>
            </div>
        </Dialog>
    }
}
