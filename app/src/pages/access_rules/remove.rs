//! Asking before an access rule is removed.

use super::sentence::{sentence, whom};
use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing;
use crate::server_fns::access::RemoveRule;
use leptos::prelude::*;
use model::access::AccessRuleView;

/// The dialog's state.
pub type Removing = editing::Removing<AccessRuleView, (), RemoveRule>;

/// The dialog.
#[component]
pub fn RemoveRuleDialog(
    /// Its state.
    removing: Removing,
    /// Called when a rule was removed.
    #[prop(into)]
    on_removed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    removing.on_removed(move |()| {
        toasts.show("The rule is deleted.");
        on_removed.run(());
    });
    let of_target = move |text: fn(&AccessRuleView) -> String| {
        removing.target().with(|target| target.as_ref().map(text).unwrap_or_default())
    };
    let title = Signal::derive(move || {
        of_target(|view| {
            format!("Delete the rule about {}", whom(&view.rule.scope, view.scope_name.as_deref()))
        })
    });
    view! {
        <RemoveDialog
            handle=removing.dialog()
            id="remove-rule"
            title
            verb="Delete rule"
            problem=removing.problem()
            pending=removing.pending()
            on_confirm=move |()| removing.confirm(|view| RemoveRule { id: view.rule.id.clone() })
        >
            <p>"From the next request, this no longer holds:"</p>
            <p class="quoted">{move || of_target(|view| sentence(&view.rule, view.scope_name.as_deref()))}</p>
        </RemoveDialog>
    }
}
