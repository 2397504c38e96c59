//! Switching an account off and on, with a receipt.

use crate::components::form_dialog::RemoveDialog;
use crate::components::reason::Reason;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::server_fns::users::ChangeUser;
use leptos::prelude::*;
use model::user::{SwitchedUser, User, UserChange, UserStatus};

/// The dialog's state.
#[derive(Clone, Copy, Default)]
pub struct StatusWork {
    asking: Removing<User, SwitchedUser, ChangeUser>,
    reason: RwSignal<String>,
}

impl StatusWork {
    /// Asks whether the account is to be switched.
    pub fn ask(self, user: User) {
        self.reason.set(String::new());
        self.asking.ask(user);
    }
}

/// The status that an account would get.
fn other(user: &User) -> UserStatus {
    match user.status {
        UserStatus::Active => UserStatus::Inactive,
        UserStatus::Inactive => UserStatus::Active,
    }
}

/// The dialog.
#[component]
pub fn StatusDialog(
    /// Its state.
    work: StatusWork,
    /// Called when an account was switched.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let StatusWork { asking, reason } = work;
    asking.on_removed(move |SwitchedUser { user, receipt }| {
        toasts.show(match user.status {
            UserStatus::Active => format!("{} is Active: they can sign in, and their keys work.", user.name),
            UserStatus::Inactive => {
                format!("{} is Inactive. Sessions ended, {}.", user.name, receipt.sentence())
            }
        });
        on_changed.run(());
    });
    let off = move || {
        asking.target().with(|user| user.as_ref().is_none_or(|user| user.status == UserStatus::Active))
    };
    let verb = move || if off() { "Deactivate" } else { "Activate" };
    let title = Signal::derive(move || {
        asking
            .target()
            .with(|user| user.as_ref().map(|user| format!("{} {}", verb(), user.name)).unwrap_or_default())
    });
    let meaning = move || {
        if off() {
            "They can't sign in any more, their sessions end, their keys are refused, and requests that run are cut. It can be undone: the keys work again when the account is activated."
        } else {
            "They can sign in again with the roles that they have, and their keys that aren't revoked work again at once."
        }
    };
    let problem = asking.problem();
    let call = move |user: &User| ChangeUser {
        id: user.id.clone(),
        change: UserChange {
            status: other(user),
            reason: Some(reason.get_untracked().trim().to_owned()).filter(|reason| !reason.is_empty()),
        }
        .into(),
    };
    view! {
        <RemoveDialog
            handle=asking.dialog()
            id="user-status"
            title
            verb=Signal::derive(move || verb().to_owned())
            harmless=Signal::derive(move || !off())
            problem
            pending=asking.pending()
            on_confirm=move |()| asking.confirm(call)
        >
            <p>{meaning}</p>
            <Reason id="user-status-reason" stays="in the audit log" problem value=reason />
        </RemoveDialog>
    }
}
