//! Offboarding: what somebody holds, one confirmation, and a receipt to print or download. Safe to run again.

use super::receipt::{Receipt, regrant_list};
use crate::components::bound::BoundText;
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::failure::Failure;
use crate::components::field::FormError;
use crate::components::reason::Reason;
use crate::components::when::When;
use crate::error::{AppError, problem_in};
use crate::format::counted;
use crate::server_fns::users::{OffboardUser, read_offboard_inventory};
use crate::viewer::Dated;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Timestamp;
use model::key::KeyView;
use model::offboard::OffboardInventory;
use model::user::{User, UserStatus, fold};

type Inventory = Result<Dated<OffboardInventory>, AppError>;

/// The dialog's state. Outside of everything that reloads: the receipt stays until it is put away.
#[derive(Clone, Copy, Default)]
pub struct Offboarding {
    dialog: DialogHandle,
    target: RwSignal<Option<User>>,
    inventory: RwSignal<Option<Inventory>>,
    reason: RwSignal<String>,
    typed: RwSignal<String>,
    action: ServerAction<OffboardUser>,
}

impl Offboarding {
    /// Shows what they hold, and asks.
    pub fn ask(self, user: User) {
        self.reason.set(String::new());
        self.typed.set(String::new());
        self.inventory.set(None);
        self.action.clear();
        let id = user.id.clone();
        self.target.set(Some(user));
        self.dialog.open();
        spawn_local(async move {
            let inventory = read_offboard_inventory(id.clone()).await;
            // Another account was asked about meanwhile, or the page left.
            let same = |target: &Option<User>| target.as_ref().is_some_and(|user| user.id == id);
            if self.target.try_with_untracked(same) == Some(true) {
                self.inventory.set(Some(inventory));
            }
        });
    }

    fn confirmed(self) -> bool {
        let known = matches!(&*self.inventory.read(), Some(Ok(_)));
        known
            && self
                .target
                .with(|user| user.as_ref().is_some_and(|user| fold(&user.email) == fold(&self.typed.read())))
    }

    fn run(self) {
        let Some(user) = self.target.get_untracked() else { return };
        let reason = Some(self.reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty());
        self.action.dispatch(OffboardUser { id: user.id, reason });
    }
}

/// The dialog.
#[component]
pub fn OffboardDialog(
    /// Its state.
    work: Offboarding,
    /// Called when somebody was offboarded: lists have to be read anew.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Offboarding { dialog, target, inventory, reason, typed, action } = work;
    let done = Memo::new(move |_| match &*action.value().read() {
        Some(Ok(Ok(done))) => Some(done.clone()),
        _ => None,
    });
    Effect::new(move |_| {
        if done.read().is_some() {
            on_done.run(());
        }
    });
    let problem = Signal::derive(move || problem_in(action.value()));
    let pending = action.pending();
    let title = Signal::derive(move || {
        target.with(|user| user.as_ref().map(|user| format!("Offboard {}", user.name)).unwrap_or_default())
    });
    let email = move || target.with(|user| user.as_ref().map(|user| user.email.clone()).unwrap_or_default());
    let shown = move || match inventory.get() {
        None => EitherOf3::A(view! { <p role="status">"Looking up what they hold…"</p> }),
        Some(Ok(Dated { now, data })) => EitherOf3::B(view! { <Held inventory=data now /> }),
        Some(Err(error)) => EitherOf3::C(view! { <Failure error /> }),
    };
    let asked = move || {
        view! {
            {shown}
            <Reason id="offboard-reason" stays="with the keys and in the audit log" problem value=reason />
            <BoundText
                id="offboard-typed"
                label="Type their e-mail address to confirm"
                error=Signal::derive(|| None::<String>)
                value=typed
                placeholder=Signal::derive(email)
            />
            <FormError problem fields=&["reason"] />
            // No form around them: Enter in a field must not offboard.
            <div class="actions">
                <button class="btn" type="button" disabled=pending on:click=move |_| dialog.close()>
                    "Cancel"
                </button>
                <button
                    class="btn danger solid"
                    type="button"
                    disabled=move || !work.confirmed() || pending.get()
                    aria-busy=move || pending.get().then_some("true")
                    on:click=move |_| work.run()
                >
                    "Offboard"
                </button>
            </div>
        }
    };
    view! {
        <Dialog handle=dialog id="offboard" title locked=pending>
            {move || match done.get() {
                None => Either::Left(asked()),
                Some(done) => Either::Right(view! { <Receipt done reason=reason.get_untracked() dialog /> }),
            }}
        </Dialog>
    }
}

/// What they hold, and what stays for others to decide.
#[component]
fn Held(inventory: OffboardInventory, now: Timestamp) -> impl IntoView {
    let OffboardInventory {
        user,
        keys,
        management_keys,
        sessions,
        open_links,
        shown_keys,
        regrants,
        scim_clients,
    } = inventory;
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let again = (user.status == UserStatus::Inactive)
        .then(|| view! { <p class="note">"The account is Inactive already. Running this again takes whatever came back."</p> });
    let management_keys = management_keys
        .iter()
        .map(|view| view! { <li>{view.key.name.clone()} <span class="sub">{view.key.id.to_string()}</span></li> })
        .collect_view();
    let scim_clients = scim_clients
        .iter()
        .map(|client| view! { <li>{client.name.clone()} <span class="sub">{format!("SCIM client {}", client.id)}</span></li> })
        .collect_view();
    let tenants: Vec<_> = user.tenant_ids.iter().map(ToString::to_string).collect();
    view! {
        {again}
        <p>"At once and for good: every key below is revoked and its requests are cut, every session ends, and the account becomes Inactive."</p>
        <h3>{counted(number(keys.len()), "key", "keys")} " to be revoked"</h3>
        <KeyList keys now />
        <ul class="plain-list">{management_keys} {scim_clients}</ul>
        <dl>
            <dt>"Sessions"</dt>
            <dd>{counted(number(sessions.len()), "session ends", "sessions end")}</dd>
            <dt>"Open links"</dt>
            <dd>{counted(open_links, "link stops working", "links stop working")}</dd>
            <dt>"Tenants"</dt>
            <dd>{if tenants.is_empty() { "none".to_owned() } else { format!("{}; memberships stay on record", tenants.join(", ")) }}</dd>
        </dl>
        {(!shown_keys.is_empty())
            .then(|| {
                view! {
                    <h3>"Not theirs, but they saw the secret: rotate or revoke these yourself"</h3>
                    <KeyList keys=shown_keys now />
                }
            })}
        {regrant_list(&regrants)}
    }
}

#[component]
fn KeyList(keys: Vec<KeyView>, now: Timestamp) -> impl IntoView {
    let rows = keys
        .into_iter()
        .map(|key| {
            view! {
                <li>
                    {key.name.clone()}
                    <span class="sub">{format!("{}, in {}, last used ", key.id, key.tenant_name)} <When at=key.last_used_at now /></span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="plain-list">{rows}</ul> }
}
