//! Issuing a key: for oneself on the Console, for anybody as an operator.

use crate::components::dialog::{Dialog, DialogHandle};
use crate::error::{Answer, AppError, problem_of};
use crate::pages::keys::form::{Entered, KeyFields, KeyForm, read};
use crate::pages::keys::save::{refused, when_wrong};
use crate::pages::keys::secret::Secret;
use crate::server_fns::keys::{create_key, create_own_key};
use crate::viewer::Viewer;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use model::error::Problem;
use model::key::{CreatedKey, NewKey};

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
    let form = NodeRef::<html::Form>::new();
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
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
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
    let problem = Signal::derive(move || {
        mistyped.get().or_else(|| action.value().with(|value| value.as_ref().and_then(problem_of).cloned()))
    });
    when_wrong(problem, form);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(form) = form.get_untracked() else { return };
        match about.with_value(|about| read(about, &Entered::of_form(&form))) {
            Ok((new, expiry)) => {
                mistyped.set(None);
                action.dispatch((new, expiry.days()));
            }
            Err(errors) => mistyped.set(Some(refused(errors))),
        }
    };
    // `command` opens the dialog until the page is hydrated; from then on, and in older browsers, this does.
    let open = move |event: ev::MouseEvent| {
        event.prevent_default();
        dialog.open();
    };
    view! {
        <p class="sub without-scripts">"Creating, changing and revoking keys needs JavaScript: a key is shown once."</p>
        <button class="btn primary with-scripts" type="button" commandfor="create-key" command="show-modal" on:click=open>
            "Create API key"
        </button>
        <Dialog handle=dialog id="create-key" title="Create API key" locked=action.pending()>
            // Sent before the page is hydrated, it would be an ordinary form: it must not go anywhere.
            <form node_ref=form class="long" method="dialog" novalidate on:submit=submit>
                {move || {
                    round.track();
                    view! { <KeyFields prefix="new" form=about.get_value() problem /> }
                }}
                <div class="actions">
                    <button class="btn" type="button" on:click=move |_| dialog.close()>
                        "Cancel"
                    </button>
                    <button
                        class="btn primary"
                        type="submit"
                        disabled=move || !ready.get() || action.pending().get()
                        aria-busy=move || action.pending().get().then_some("true")
                    >
                        "Create API key"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
