//! Asking before a tenant is suspended or let work again.

use crate::components::dialog::Dialog;
use crate::components::field::FormError;
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::format::counted;
use crate::server_fns::tenants::SwitchTenant;
use leptos::prelude::*;
use model::tenant::{SwitchedTenant, TenantStatus, TenantView};

/// The dialog's state.
#[derive(Clone, Copy, Default)]
pub struct Switching {
    asking: Removing<TenantView, SwitchedTenant, SwitchTenant>,
    reason: RwSignal<String>,
}

impl Switching {
    /// Asks about this tenant.
    pub fn ask(self, tenant: TenantView) {
        self.reason.set(String::new());
        self.asking.ask(tenant);
    }
}

/// What the reason's field gives: nothing when it was left empty.
pub fn reason_of(typed: RwSignal<String>) -> Option<String> {
    Some(typed.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty())
}

/// The dialog.
#[component]
pub fn SwitchDialog(
    /// Its state.
    switching: Switching,
    /// Called when a tenant was switched.
    #[prop(into)]
    on_switched: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Switching { asking, reason } = switching;
    asking.on_removed(move |switched| {
        let name = switched.tenant.name;
        toasts.show(match switched.tenant.status {
            TenantStatus::Suspended => format!("{name} is suspended. {}.", switched.receipt.sentence()),
            TenantStatus::Active => format!("{name} is active: its keys work again."),
        });
        on_switched.run(());
    });
    let target = asking.target();
    let suspends = Signal::derive(move || {
        target.with(|target| target.as_ref().is_none_or(|view| view.tenant.status == TenantStatus::Active))
    });
    let verb = move || if suspends.get() { "Suspend tenant" } else { "Activate tenant" };
    let title = Signal::derive(move || {
        let word = if suspends.get() { "Suspend" } else { "Activate" };
        target.with(|target| {
            target.as_ref().map(|view| format!("{word} {}", view.tenant.name)).unwrap_or_default()
        })
    });
    let effect = move || {
        if !suspends.get() {
            return "Its keys work again at once. Keys that were revoked stay revoked.".to_owned();
        }
        let keys = target.with(|target| target.as_ref().and_then(|view| view.active_keys));
        let keys =
            keys.map_or_else(|| "Its keys".to_owned(), |keys| counted(keys, "active key", "active keys"));
        format!(
            "{keys} will be refused, and requests that run are cut at once. Nothing is revoked: it can be activated again."
        )
    };
    let problem = asking.problem();
    let pending = asking.pending();
    view! {
        <Dialog handle=asking.dialog() id="switch-tenant" title locked=pending>
            <p>{effect}</p>
            <Reason id="switch-reason" stays="in the audit log" problem value=reason />
            <FormError problem fields=&["reason"] />
            // No form around them: Enter in a field must not cut anybody off.
            <div class="actions">
                <button class="btn" type="button" disabled=pending on:click=move |_| asking.dialog().close()>
                    "Cancel"
                </button>
                <button
                    class="btn solid"
                    class:danger=suspends
                    class:primary=move || !suspends.get()
                    type="button"
                    disabled=pending
                    aria-busy=move || pending.get().then_some("true")
                    on:click=move |_| {
                        asking
                            .confirm(|view| SwitchTenant {
                                id: view.tenant.id.clone(),
                                suspend: view.tenant.status == TenantStatus::Active,
                                reason: reason_of(reason),
                            });
                    }
                >
                    {verb}
                </button>
            </div>
        </Dialog>
    }
}
