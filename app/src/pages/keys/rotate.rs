//! Rotating a key: a new secret, and how long the old one still works.

use crate::components::dialog::DialogHandle;
use crate::components::form_dialog::FormDialog;
use crate::error::problem_in;
use crate::format::{absolute, counted};
use crate::pages::keys::secret::Secret;
use crate::pages::keys::words;
use crate::server_fns::keys::RotateKeySecret;
use leptos::prelude::*;
use model::key::{Grace, KeyDetail, RotateKey, RotatedKey};

/// Asks before a key is rotated. Lives beside the list and not inside it.
#[derive(Clone, Copy)]
pub struct Rotating {
    dialog: DialogHandle,
    target: RwSignal<Option<KeyDetail>>,
    grace: RwSignal<Grace>,
    action: ServerAction<RotateKeySecret>,
}

impl Rotating {
    /// Nothing is asked yet.
    pub fn new() -> Self {
        Self {
            dialog: DialogHandle::new(),
            target: RwSignal::new(None),
            grace: RwSignal::new(Grace::default()),
            action: ServerAction::new(),
        }
    }

    /// Asks about this key.
    pub fn ask(self, detail: KeyDetail) {
        self.grace.set(Grace::default());
        self.action.clear();
        self.target.set(Some(detail));
        self.dialog.open();
    }
}

impl Default for Rotating {
    fn default() -> Self {
        Self::new()
    }
}

/// The dialog.
#[component]
pub fn RotateDialog(
    /// Its state.
    rotating: Rotating,
    /// Shows the new secret.
    secret: Secret,
) -> impl IntoView {
    let Rotating { dialog, target, grace, action } = rotating;
    Effect::new(move |_| {
        let rotated = match &*action.value().read() {
            Some(Ok(Ok(rotated))) => rotated.clone(),
            _ => return,
        };
        // The action's value would keep the secret as long as the page lives.
        action.clear();
        dialog.close();
        let told = told(&rotated, grace.get_untracked());
        secret.show_rotated(rotated.created, told);
    });
    let problem = Signal::derive(move || problem_in(action.value()));
    let title = Signal::derive(move || {
        target.with(|target| {
            target.as_ref().map(|detail| format!("Rotate {}", detail.key.name)).unwrap_or_default()
        })
    });
    let submit = move |()| {
        if let Some(id) = target.with_untracked(|target| target.as_ref().map(|detail| detail.key.id)) {
            action.dispatch(RotateKeySecret { id, rotate: RotateKey { grace: grace.get_untracked() } });
        }
    };
    let choices = move || {
        Grace::ALL
            .into_iter()
            .map(|choice| {
                let (label, meaning) = words::grace(choice);
                view! {
                    <label class="option">
                        <input
                            type="radio"
                            name="grace"
                            value=choice.as_str()
                            checked=choice == Grace::default()
                            autofocus=choice == Grace::default()
                            prop:checked=move || grace.get() == choice
                            on:change=move |_| grace.set(choice)
                        />
                        <span>
                            <b>{label}</b>
                            <span class="sub">{meaning}</span>
                        </span>
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <FormDialog
            handle=dialog
            id="rotate"
            title
            verb="Rotate key"
            problem
            fields=&[]
            pending=action.pending()
            on_submit=submit
            on_close=|()| ()
        >
                <p>
                    "The key gets a new secret, shown once. Its name, its bounds and its history stay. "
                    {move || target.with(|target| target.as_ref().map(use_today))}
                </p>
                <fieldset class="options">
                    <legend>"The old secret still works for"</legend>
                    {choices}
                </fieldset>
                {move || {
                    target
                        .with(|target| target.as_ref().is_some_and(|detail| detail.secrets.len() > 1))
                        .then(|| {
                            view! {
                                <p class="note">
                                    "A key has at most two secrets: the one that an earlier rotation left ends now."
                                </p>
                            }
                        })
                }}
        </FormDialog>
    }
}

fn use_today(detail: &KeyDetail) -> String {
    match detail.last_24h.requests {
        0 => "It made no request in the last 24 hours.".to_owned(),
        some => format!("It made {} in the last 24 hours.", counted(some, "request", "requests")),
    }
}

/// What became of the old secret.
fn told(rotated: &RotatedKey, grace: Grace) -> String {
    match grace {
        Grace::None => format!("The old secret is refused from now on. {}.", rotated.receipt.sentence()),
        _ => format!("The old secret works until {}.", absolute(rotated.previous_expires_at)),
    }
}
