//! What can be done with a key, from its drawer: edit, rotate, revoke. The dialogs stand beside the list.

use crate::pages::keys::edit::{EditDialog, Editing};
use crate::pages::keys::revoke::{RevokeDialog, Revoking};
use crate::pages::keys::rotate::{RotateDialog, Rotating};
use crate::pages::keys::secret::{Secret, SecretDialog};
use crate::viewer::Viewer;
use leptos::prelude::*;
use model::ModelName;
use model::key::KeyDetail;

/// The state of every dialog about keys on a page. Outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct KeyWork {
    /// The key on show.
    pub secret: Secret,
    editing: Editing,
    rotating: Rotating,
    revoking: Revoking,
}

/// What the drawer's buttons do; one that is left out isn't the viewer's to do.
#[derive(Clone, Copy)]
pub struct KeyActions {
    /// Opens the form.
    pub edit: Option<Callback<KeyDetail>>,
    /// Asks how long the old secret works.
    pub rotate: Option<Callback<KeyDetail>>,
    /// Asks why.
    pub revoke: Option<Callback<KeyDetail>>,
}

impl KeyWork {
    /// The buttons for somebody who may or may not change keys, and revoke them.
    pub fn actions(self, may_write: bool, may_revoke: bool) -> KeyActions {
        KeyActions {
            edit: may_write.then(|| Callback::new(move |detail| self.editing.ask(detail))),
            rotate: may_write.then(|| Callback::new(move |detail| self.rotating.ask(detail))),
            revoke: may_revoke.then(|| Callback::new(move |detail| self.revoking.ask(detail))),
        }
    }
}

/// The dialogs.
#[component]
pub fn KeyDialogs(
    /// Their state.
    work: KeyWork,
    /// Who works.
    viewer: Viewer,
    /// Whether as an operator, with everybody's keys.
    #[prop(optional)]
    operator: bool,
    /// Models that the viewer may call: the snippets name one.
    models: Vec<ModelName>,
    /// Called when a key changed: lists have to be read anew.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let KeyWork { secret, editing, rotating, revoking } = work;
    let base_url = viewer.base_url.clone();
    view! {
        <EditDialog editing viewer operator on_changed />
        <RotateDialog rotating secret />
        <RevokeDialog revoking on_revoked=on_changed />
        <SecretDialog secret base_url models on_done=on_changed />
    }
}
