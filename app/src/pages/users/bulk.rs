//! What is done to several accounts at once, with a result for each.

use crate::components::bulk::{Bulk, BulkDialog, Outcome};
use crate::components::field::FormError;
use crate::components::reason::Reason;
use crate::error::{Answer, AppError};
use crate::format::{as_count, counted};
use crate::server_fns::users::{offboard_users, set_status_of_users};
use leptos::prelude::*;
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

/// Which accounts are picked, and what is done to them. Outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct Picked {
    bulk: Bulk,
    /// The accounts that are picked, also on other pages of the list.
    users: RwSignal<Vec<User>>,
    deed: RwSignal<Deed>,
    reason: RwSignal<String>,
}

impl Picked {
    /// Picks an account, or puts it back.
    pub fn pick(self, user: &User, picked: bool) {
        self.users.update(|all| {
            all.retain(|other| other.id != user.id);
            if picked {
                all.push(user.clone());
            }
        });
    }

    /// Whether the account is picked.
    pub fn holds(self, user: &User) -> bool {
        self.users.read().iter().any(|other| other.id == user.id)
    }

    fn ask(self, deed: Deed) {
        self.deed.set(deed);
        self.reason.set(String::new());
        self.bulk.ask(self.users.read_untracked().len());
    }

    fn run(self) {
        let reason = Some(self.reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty());
        let deed = self.deed.get_untracked();
        self.bulk.run(self.users.get_untracked(), AT_A_TIME, move |users| {
            let reason = reason.clone();
            async move {
                let done = deed.to(&users, reason).await?;
                let outcome = |(user, one)| self.outcome(user, one);
                Ok(done.map(|done| users.iter().zip(done).map(outcome).collect()))
            }
        });
    }

    /// Who is done is picked no longer.
    fn outcome(self, user: &User, one: OneOfMany) -> Outcome {
        let failed = !one.is_done();
        if !failed {
            self.pick(user, false);
        }
        let text = if failed { format!("Failed: {}", one.message) } else { one.message };
        Outcome { name: user.name.clone(), text, failed }
    }
}

/// How many are picked, and what can be done with them.
#[component]
pub fn PickedBar(
    /// Its state.
    picked: Picked,
) -> impl IntoView {
    let number = move || as_count(picked.users.read().len());
    view! {
        <Show when=move || !picked.users.read().is_empty()>
            <div class="bulk" role="group" aria-label="Picked users">
                <span role="status">{move || format!("{} picked", counted(number(), "user", "users"))}</span>
                <button class="btn danger" type="button" on:click=move |_| picked.ask(Deed::Deactivate)>
                    "Deactivate…"
                </button>
                <button class="btn" type="button" on:click=move |_| picked.ask(Deed::Activate)>
                    "Activate…"
                </button>
                <button class="btn danger" type="button" on:click=move |_| picked.ask(Deed::Offboard)>
                    "Offboard…"
                </button>
                <button class="btn quiet" type="button" on:click=move |_| picked.users.set(Vec::new())>
                    "Pick none"
                </button>
            </div>
        </Show>
    }
}

/// The dialog.
#[component]
pub fn PickedDialog(
    /// Its state.
    picked: Picked,
    /// Called when it is closed after something was done: lists have to be read anew.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Picked { bulk, deed, .. } = picked;
    let title = Signal::derive(move || {
        format!("{} {}", deed.get().verb(), counted(as_count(bulk.total()), "user", "users"))
    });
    view! {
        <BulkDialog bulk id="bulk-users" title one="User" on_done>
            <Asking picked />
        </BulkDialog>
    }
}

#[component]
fn Asking(picked: Picked) -> impl IntoView {
    let Picked { bulk, users, deed, reason } = picked;
    let problem = bulk.problem();
    let names = move || users.read().iter().map(|user| user.name.clone()).collect::<Vec<_>>().join(", ");
    view! {
        <p>
            {names}
            {move || deed.get().meaning()}
        </p>
        <Reason id="bulk-reason" stays="in the audit log" problem value=reason />
        <FormError problem fields=&["reason"] />
        <div class="actions">
            <button class="btn" type="button" on:click=move |_| bulk.dialog().close()>
                "Cancel"
            </button>
            <button
                class="btn solid"
                class:danger=move || deed.get() != Deed::Activate
                class:primary=move || deed.get() == Deed::Activate
                type="button"
                on:click=move |_| picked.run()
            >
                {move || deed.get().verb()}
            </button>
        </div>
    }
}
