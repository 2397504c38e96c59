//! Taking somebody's second factor away, whose authenticator is lost.

use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::format::counted;
use crate::server_fns::users::ResetSecondFactor;
use leptos::prelude::*;
use model::session::EndedSessions;
use model::user::User;

/// The dialog's state.
pub type SecondFactorWork = Removing<User, EndedSessions, ResetSecondFactor>;

/// The dialog.
#[component]
pub fn ResetSecondFactorDialog(
    /// Its state.
    work: SecondFactorWork,
    /// Called when one was taken away.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    work.on_removed(move |EndedSessions { sessions_ended, .. }| {
        let ended = counted(sessions_ended, "session", "sessions");
        toasts.show(format!("The second factor is off; {ended} ended."));
        on_changed.run(());
    });
    let title = Signal::derive(move || {
        let name = work.target().with(|user| user.as_ref().map(|user| user.name.clone()).unwrap_or_default());
        format!("Reset the second factor of {name}")
    });
    view! {
        <RemoveDialog
            handle=work.dialog()
            id="reset-second-factor"
            title
            verb=Signal::derive(|| "Reset second factor".to_owned())
            problem=work.problem()
            pending=work.pending()
            on_confirm=move |()| work.confirm(|user| ResetSecondFactor { id: user.id.clone() })
        >
            <p>
                "Their authenticator and recovery codes work no longer, their sessions end, and the password alone signs them in until they set up a new one. Make sure that it is they who ask."
            </p>
        </RemoveDialog>
    }
}
