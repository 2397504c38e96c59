//! Asking before a model is removed.

use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing;
use crate::server_fns::catalog::RemoveModel;
use leptos::prelude::*;
use model::ModelName;

/// The dialog's state.
pub type Removing = editing::Removing<ModelName, ModelName, RemoveModel>;

/// The dialog.
#[component]
pub fn RemoveModelDialog(
    /// Its state.
    removing: Removing,
    /// Called when a model was removed.
    #[prop(into)]
    on_removed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    removing.on_removed(move |name| {
        toasts.show(format!("{name} is deleted."));
        on_removed.run(());
    });
    let title = Signal::derive(move || {
        removing
            .target()
            .with(|target| target.as_ref().map(|name| format!("Delete {name}")).unwrap_or_default())
    });
    view! {
        <RemoveDialog
            handle=removing.dialog()
            id="remove-model"
            title
            verb="Delete model"
            problem=removing.problem()
            pending=removing.pending()
            on_confirm=move |()| removing.confirm(|name| RemoveModel { name: name.clone() })
        >
            <p>
                "Clients that ask for it get 404 from now on. Requests that run now end as they began, and its usage stays in the figures."
            </p>
        </RemoveDialog>
    }
}
