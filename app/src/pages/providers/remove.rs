//! Asking before a provider is removed.

use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing;
use crate::server_fns::catalog::RemoveProvider;
use leptos::prelude::*;
use model::ProviderName;
use model::catalog::ProviderDetail;

/// The dialog's state.
pub type Removing = editing::Removing<ProviderDetail, ProviderName, RemoveProvider>;

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
    removing.on_removed(move |name| {
        toasts.show(format!("{name} is deleted."));
        on_removed.run(());
    });
    let of_target = move |text: fn(&ProviderDetail) -> String| {
        removing.target().with(|target| target.as_ref().map(text).unwrap_or_default())
    };
    let title = Signal::derive(move || of_target(|detail| format!("Delete {}", detail.provider.name)));
    let call = |detail: &ProviderDetail| RemoveProvider { name: detail.provider.name.clone() };
    view! {
        <RemoveDialog
            handle=removing.dialog()
            id="remove-provider"
            title
            verb="Delete provider"
            problem=removing.problem()
            pending=removing.pending()
            on_confirm=move |()| removing.confirm(call)
        >
            <p>
                "Its address and its stored credential are forgotten. Requests that it is answering now end as they began."
            </p>
            <p>{move || of_target(in_use)}</p>
        </RemoveDialog>
    }
}

fn in_use(detail: &ProviderDetail) -> String {
    if detail.models.is_empty() {
        "No model uses it.".to_owned()
    } else {
        "Models still have a target here: deleting is refused until they are changed.".to_owned()
    }
}
