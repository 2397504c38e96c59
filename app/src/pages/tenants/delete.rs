//! Asking before a tenant is deleted: counts what goes with it, and asks for its slug.

use super::switch::reason_of;
use crate::components::bound::BoundText;
use crate::components::dialog::Dialog;
use crate::components::failure::Failure;
use crate::components::field::FormError;
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::error::AppError;
use crate::format::{as_count, count, counted};
use crate::server_fns::tenants::{DeleteTenant, read_holdings};
use leptos::either::EitherOf3;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::TenantId;
use model::tenant::{DeletedTenant, Tenant, TenantHoldings};

/// The dialog's state.
#[derive(Clone, Copy, Default)]
pub struct Deleting {
    asking: Removing<Tenant, DeletedTenant, DeleteTenant>,
    holdings: RwSignal<Option<Result<TenantHoldings, AppError>>>,
    reason: RwSignal<String>,
    typed: RwSignal<String>,
}

impl Deleting {
    /// Asks about this tenant.
    pub fn ask(self, tenant: Tenant) {
        let id = tenant.id.clone();
        self.reason.set(String::new());
        self.typed.set(String::new());
        self.holdings.set(None);
        self.asking.ask(tenant);
        spawn_local(async move {
            let holdings = read_holdings(id.clone()).await;
            let asked = self
                .asking
                .target()
                .try_with_untracked(|target| target.as_ref().is_some_and(|tenant| tenant.id == id));
            if asked == Some(true) {
                self.holdings.set(Some(holdings));
            }
        });
    }

    /// Whether its slug was typed, after what goes with it could be read.
    fn ready(self) -> bool {
        let named = self.asking.target().with(|target| {
            target.as_ref().is_some_and(|tenant| self.typed.read().trim() == tenant.id.as_str())
        });
        named && self.holdings.with(|holdings| matches!(holdings, Some(Ok(_))))
    }
}

/// The dialog.
#[component]
pub fn DeleteDialog(
    /// Its state.
    deleting: Deleting,
    /// Called when a tenant was deleted.
    #[prop(into)]
    on_deleted: Callback<TenantId>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Deleting { asking, holdings, reason, typed } = deleting;
    asking.on_removed(move |deleted| {
        let keys = counted(deleted.holdings.keys, "key", "keys");
        toasts.show(format!("{} is deleted, {keys} revoked. {}.", deleted.id, deleted.receipt.sentence()));
        on_deleted.run(deleted.id);
    });
    let target = asking.target();
    let title = Signal::derive(move || {
        target.with(|target| {
            target.as_ref().map(|tenant| format!("Delete {}", tenant.name)).unwrap_or_default()
        })
    });
    let slug = Signal::derive(move || {
        target.with(|target| target.as_ref().map(|tenant| tenant.id.to_string()).unwrap_or_default())
    });
    let consequences = move || match holdings.get() {
        None => EitherOf3::A(view! { <p role="status">"Counting what goes with it…"</p> }),
        Some(Ok(holdings)) => EitherOf3::B(view! { <Consequences holdings /> }),
        Some(Err(error)) => EitherOf3::C(view! { <Failure error /> }),
    };
    let problem = asking.problem();
    let pending = asking.pending();
    view! {
        <Dialog handle=asking.dialog() id="delete-tenant" title locked=pending>
            {consequences}
            <p>"Usage and the audit log stay. The slug is never free again, and this can't be undone."</p>
            <Reason id="delete-reason" stays="with each key and in the audit log" problem value=reason />
            <BoundText
                id="delete-slug"
                label="Type the tenant's slug to confirm"
                error=Signal::stored(None::<String>)
                value=typed
                placeholder=slug
            />
            <FormError problem fields=&["reason"] />
            // No form around them: Enter in a field must not delete.
            <div class="actions">
                <button class="btn" type="button" disabled=pending on:click=move |_| asking.dialog().close()>
                    "Cancel"
                </button>
                <button
                    class="btn danger solid"
                    type="button"
                    disabled=move || pending.get() || !deleting.ready()
                    aria-busy=move || pending.get().then_some("true")
                    on:click=move |_| {
                        asking.confirm(|tenant| DeleteTenant { id: tenant.id.clone(), reason: reason_of(reason) });
                    }
                >
                    "Delete tenant"
                </button>
            </div>
        </Dialog>
    }
}

#[component]
fn Consequences(holdings: TenantHoldings) -> impl IntoView {
    let TenantHoldings { keys, memberships, access_rules, users_left_out, users_left_out_named: named } =
        holdings;
    let unnamed = users_left_out.saturating_sub(as_count(named.len()));
    let more = if unnamed > 0 { format!(" and {} more", count(unnamed)) } else { String::new() };
    let left_out = (users_left_out > 0).then(|| {
        let people = counted(users_left_out, "person is", "people are");
        view! { <li>{format!("{people} then in no tenant at all: {}{more}", named.join(", "))}</li> }
    });
    view! {
        <ul class="consequences">
            <li>
                {format!("{} revoked for good; requests that run are cut at once", counted(keys, "key is", "keys are"))}
            </li>
            <li>
                {format!("{}, with the roles that people have here", counted(memberships, "membership ends", "memberships end"))}
            </li>
            <li>
                {format!("{} removed", counted(access_rules, "access rule about it is", "access rules about it are"))}
            </li>
            {left_out}
        </ul>
    }
}
