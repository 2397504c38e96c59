//! Asking before an identity provider is removed.

use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing;
use crate::server_fns::sso::RemoveIdentityProvider;
use leptos::prelude::*;
use model::sso::IdentityProvider;

/// The dialog's state.
pub type Removing = editing::Removing<IdentityProvider, (), RemoveIdentityProvider>;

/// The dialog.
#[component]
pub fn RemoveProviderDialog(
    /// Its state.
    removing: Removing,
    /// Called when a provider was removed.
    #[prop(into)]
    on_removed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let of_target = move |text: fn(&IdentityProvider) -> String| {
        removing.target().with(|target| target.as_ref().map(text).unwrap_or_default())
    };
    removing.on_removed(move |()| {
        toasts.show(untrack(|| of_target(|provider| format!("{} is deleted.", provider.name))));
        on_removed.run(());
    });
    let title = Signal::derive(move || of_target(|provider| format!("Delete {}", provider.name)));
    let call = |provider: &IdentityProvider| RemoveIdentityProvider { name: provider.name.clone() };
    view! {
        <RemoveDialog
            handle=removing.dialog()
            id="remove-identity-provider"
            title
            verb="Delete identity provider"
            problem=removing.problem()
            pending=removing.pending()
            on_confirm=move |()| removing.confirm(call)
        >
            <ul class="consequences">
                <li>"Its button goes, and sessions that were begun with it end at once."</li>
                <li>"Accounts, their keys and their roles stay: who is to go is offboarded on the Users page."</li>
                <li>"Its client secret is forgotten. Rules of the role mapping that are about it hold for nobody."</li>
                <li>"Created again with the same issuer, its people are the same people."</li>
            </ul>
        </RemoveDialog>
    }
}
