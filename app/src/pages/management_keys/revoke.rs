//! Asking before a management key is revoked, with what follows from it.

use crate::components::form_dialog::RemoveDialog;
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::format::absolute;
use crate::pages::tenants::switch::reason_of;
use crate::server_fns::management_keys::RevokeManagementKey;
use leptos::prelude::*;
use model::management_key::{ManagementKey, ManagementKeyView};

/// The dialog's state.
#[derive(Clone, Copy, Default)]
pub struct Revoking {
    asking: Removing<ManagementKey, ManagementKeyView, RevokeManagementKey>,
    reason: RwSignal<String>,
}

impl Revoking {
    /// Asks about this key.
    pub fn ask(self, key: ManagementKey) {
        self.reason.set(String::new());
        self.asking.ask(key);
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
    let Revoking { asking, reason } = revoking;
    asking.on_removed(move |revoked| {
        toasts.show(format!("{} is revoked: it is refused from the next request.", revoked.key.name));
        on_revoked.run(());
    });
    let of_target = move |text: fn(&ManagementKey) -> String| {
        asking.target().with(|key| key.as_ref().map(text).unwrap_or_default())
    };
    let title = Signal::derive(move || of_target(|key| format!("Revoke {}", key.name)));
    let problem = asking.problem();
    view! {
        <RemoveDialog
            handle=asking.dialog()
            id="revoke"
            title
            verb="Revoke key"
            problem
            fields=&["reason"]
            pending=asking.pending()
            on_confirm=move |()| {
                asking.confirm(|key| RevokeManagementKey { id: key.id.clone(), reason: reason_of(reason) });
            }
        >
            <p>{move || of_target(used)}</p>
            <p>
                "Whatever uses it gets 401 from its next request on. Management keys that it made go on working, and what it did stays. This can't be undone."
            </p>
            <Reason id="revoke-reason" stays="with the key and in the audit log" problem value=reason />
        </RemoveDialog>
    }
}

/// Whether something still depends on it.
fn used(key: &ManagementKey) -> String {
    match key.last_used_at {
        None => "It was never used.".to_owned(),
        Some(at) => format!("It was last used {}, to within a minute.", absolute(at)),
    }
}
