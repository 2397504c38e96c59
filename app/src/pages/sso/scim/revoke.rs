//! Asking before a SCIM client's token is revoked, with what follows from it.

use crate::components::form_dialog::RemoveDialog;
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::pages::tenants::switch::reason_of;
use crate::server_fns::scim::RevokeScimClient;
use leptos::prelude::*;
use model::scim::ScimClient;

/// The dialog's state.
#[derive(Clone, Copy, Default)]
pub struct Revoking {
    asking: Removing<ScimClient, ScimClient, RevokeScimClient>,
    reason: RwSignal<String>,
}

impl Revoking {
    /// Asks about this client.
    pub fn ask(self, client: ScimClient) {
        self.reason.set(String::new());
        self.asking.ask(client);
    }
}

/// The dialog.
#[component]
pub fn RevokeDialog(
    /// Its state.
    revoking: Revoking,
    /// Called when a token was revoked: lists have to be read anew.
    #[prop(into)]
    on_revoked: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Revoking { asking, reason } = revoking;
    asking.on_removed(move |revoked| {
        toasts.show(format!("{} is revoked: its token is refused from the next request.", revoked.name));
        on_revoked.run(());
    });
    let target = asking.target();
    let title = Signal::derive(move || {
        target.with(|client| {
            client.as_ref().map(|client| format!("Revoke {}", client.name)).unwrap_or_default()
        })
    });
    let problem = asking.problem();
    view! {
        <RemoveDialog
            handle=asking.dialog()
            id="revoke-scim"
            title
            verb="Revoke token"
            problem
            fields=&["reason"]
            pending=asking.pending()
            on_confirm=move |()| {
                asking.confirm(|client| RevokeScimClient { id: client.id.clone(), reason: reason_of(reason) });
            }
        >
            <p>
                "The identity provider gets 401 from its next request on, so nobody is provisioned or offboarded through it any more. The accounts stay as they are. This can't be undone."
            </p>
            <Reason id="revoke-scim-reason" stays="with the client and in the audit log" problem value=reason />
        </RemoveDialog>
    }
}
