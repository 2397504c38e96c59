//! Issuing a key: for oneself on the Console, for anybody as an operator.

use crate::components::dialog::DialogHandle;
use crate::components::form_dialog::{CreateButton, FormDialog};
use crate::error::{Answer, AppError, problem_in};
use crate::pages::keys::form::{Entered, FIELDS, KeyFields, KeyForm, read};
use crate::pages::keys::secret::Secret;
use crate::server_fns::keys::{create_key, create_own_key};
use crate::viewer::Viewer;
use leptos::prelude::*;
use model::error::Problem;
use model::key::{CreatedKey, NewKey};

const DIALOG: &str = "create-key";

/// The button and the form behind it. The state lives here, so a list that is read anew beside it takes nothing away.
#[component]
pub fn CreateKey(
    /// Who creates.
    viewer: Viewer,
    /// Whether as an operator, for anybody.
    #[prop(optional)]
    operator: bool,
    /// Shows the new key.
    secret: Secret,
) -> impl IntoView {
    let dialog = DialogHandle::new();
    let about = StoredValue::new(KeyForm { viewer, operator, before: None });
    // Not a `ServerAction`: its value would keep the secret as long as the page lives.
    let action = Action::new_local(move |(new, days): &(NewKey, Option<u16>)| {
        let (new, days) = (new.clone(), *days);
        async move {
            let answer: Result<Answer<CreatedKey>, AppError> =
                if operator { create_key(new, days).await } else { create_own_key(new, days).await };
            answer
        }
    });
    let mistyped = RwSignal::new(None::<Problem>);
    // The fields of the next key: each is filled in anew.
    let round = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let created = match &*action.value().read() {
            Some(Ok(Ok(created))) => created.clone(),
            _ => return,
        };
        action.value().set(None);
        dialog.close();
        round.update(|round| *round = round.wrapping_add(1));
        secret.show(created);
    });
    let problem = Signal::derive(move || mistyped.get().or_else(|| problem_in(action.value())));
    let submit = move |()| match about.with_value(|about| read(about, &Entered::in_dialog(DIALOG))) {
        Ok((new, expiry)) => {
            mistyped.set(None);
            action.dispatch((new, expiry.days()));
        }
        Err(problem) => mistyped.set(Some(problem)),
    };
    view! {
        <p class="sub without-scripts">"Creating, changing and revoking keys needs JavaScript: a key is shown once."</p>
        <CreateButton label="Create API key" dialog=DIALOG on_open=move |()| dialog.open() />
        <FormDialog
            handle=dialog
            id=DIALOG
            title="Create API key"
            verb="Create API key"
            problem
            fields=FIELDS
            pending=action.pending()
            on_submit=submit
            on_close=|()| ()
        >
            // By key: fields that are merely rendered again would keep what was typed.
            <For each=move || [round.get()] key=|round| *round let:_round>
                <KeyFields prefix="new" form=about.get_value() problem />
            </For>
        </FormDialog>
    }
}
