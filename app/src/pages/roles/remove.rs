//! Asking before a custom role is deleted.

use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing;
use crate::server_fns::roles::RemoveRole;
use leptos::prelude::*;
use model::role::Role;

/// The dialog's state.
pub type Removing = editing::Removing<Role, (), RemoveRole>;

/// The dialog.
#[component]
pub fn RemoveRoleDialog(
    /// Its state.
    removing: Removing,
    /// Called when a role was deleted.
    #[prop(into)]
    on_removed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    removing.on_removed(move |()| {
        toasts.show("The role is deleted.");
        on_removed.run(());
    });
    let of_target = move |text: fn(&Role) -> String| {
        removing.target().with(|role| role.as_ref().map(text).unwrap_or_default())
    };
    let title = Signal::derive(move || of_target(|role| format!("Delete {}", role.title)));
    view! {
        <RemoveDialog
            handle=removing.dialog()
            id="remove-role"
            title
            verb="Delete role"
            problem=removing.problem()
            pending=removing.pending()
            on_confirm=move |()| removing.confirm(|role| RemoveRole { name: role.name.clone() })
        >
            <p>
                {move || {
                    of_target(|role| {
                        format!("{} is deleted for good. Nobody may have it then: take it from people first.", role.name)
                    })
                }}
            </p>
        </RemoveDialog>
    }
}
