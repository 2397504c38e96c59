//! Changing a key: the form that issued it, filled in; only what differs is sent.

use crate::components::dialog::DialogHandle;
use crate::components::form_dialog::FormDialog;
use crate::components::toast::use_toasts;
use crate::error::problem_in;
use crate::pages::keys::form::{Entered, FIELDS, KeyFields, KeyForm, difference, read};
use crate::server_fns::keys::ChangeKey;
use crate::viewer::Viewer;
use leptos::prelude::*;
use model::error::Problem;
use model::key::{KeyChange, KeyDetail};

const DIALOG: &str = "edit-key";

/// The key that is changed. Lives beside the list and not inside it: what is typed here outlives a reload.
#[derive(Clone, Copy)]
pub struct Editing {
    dialog: DialogHandle,
    /// Each time that the form is opened has a number.
    target: RwSignal<Option<(u32, KeyDetail)>>,
    mistyped: RwSignal<Option<Problem>>,
    action: ServerAction<ChangeKey>,
}

impl Editing {
    /// Nothing is changed yet.
    pub fn new() -> Self {
        Self {
            dialog: DialogHandle::new(),
            target: RwSignal::new(None),
            mistyped: RwSignal::new(None),
            action: ServerAction::new(),
        }
    }

    /// Opens the form for this key.
    pub fn ask(self, detail: KeyDetail) {
        self.mistyped.set(None);
        self.action.clear();
        self.target.update(|target| {
            let round = target.as_ref().map_or(0, |(round, _)| round.wrapping_add(1));
            *target = Some((round, detail));
        });
        // When the fields are there: the browser gives the focus to one of them.
        request_animation_frame(move || self.dialog.open());
    }
}

impl Default for Editing {
    fn default() -> Self {
        Self::new()
    }
}

/// The dialog.
#[component]
pub fn EditDialog(
    /// Its state.
    editing: Editing,
    /// Who changes.
    viewer: Viewer,
    /// Whether as an operator.
    operator: bool,
    /// Called when a key was changed: lists have to be read anew.
    on_changed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let Editing { dialog, target, mistyped, action } = editing;
    let viewer = StoredValue::new(viewer);
    let about =
        move |detail: KeyDetail| KeyForm { viewer: viewer.get_value(), operator, before: Some(detail.key) };
    Effect::new(move |_| {
        if let Some(Ok(Ok(key))) = &*action.value().read() {
            dialog.close();
            toasts.show(format!("{} is saved. It counts from the next request.", key.name));
            on_changed.run(());
        }
    });
    let problem = Signal::derive(move || mistyped.get().or_else(|| problem_in(action.value())));
    let title = Signal::derive(move || {
        target.with(|target| {
            target.as_ref().map(|(_, detail)| format!("Edit {}", detail.key.name)).unwrap_or_default()
        })
    });
    let submit = move |()| {
        let Some((_, detail)) = target.get_untracked() else { return };
        let before = detail.key.clone();
        match read(&about(detail), &Entered::in_dialog(DIALOG)) {
            Ok((after, expiry)) => {
                mistyped.set(None);
                let change = difference(&before, after);
                if change == KeyChange::default() && expiry.days().is_none() {
                    dialog.close();
                    toasts.show("Nothing was changed.");
                } else {
                    action.dispatch(ChangeKey { id: before.id, change, expires_in_days: expiry.days() });
                }
            }
            Err(problem) => mistyped.set(Some(problem)),
        }
    };
    view! {
        <FormDialog
            handle=dialog
            id=DIALOG
            title
            verb="Save"
            problem
            fields=FIELDS
            pending=action.pending()
            on_submit=submit
            on_close=|()| ()
        >
            // By key: fields that are merely rendered again would keep what was typed.
            <For each=move || target.get() key=|(round, _)| *round let:((_, detail))>
                <KeyFields prefix="edit" form=about(detail) problem />
            </For>
        </FormDialog>
    }
}
