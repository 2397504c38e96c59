//! Making a SCIM client, and the only time that its token is shown.

use crate::components::bound::{BoundText, BoundTick};
use crate::components::copy::Snippet;
use crate::components::dialog::DialogHandle;
use crate::components::field::message;
use crate::components::form_dialog::{CreateButton, FormDialog};
use crate::components::shown_once::{Once, ShownOnce};
use crate::error::{Answer, AppError, problem_in};
use crate::server_fns::scim::create_scim_client;
use leptos::prelude::*;
use model::scim::{CreatedScimClient, NewScimClient};

const DIALOG: &str = "create-scim-client";

/// The token on show. Kept by the page, outside of everything that reloads.
#[derive(Clone, Copy, Default)]
pub struct Secret {
    once: Once,
    name: RwSignal<String>,
}

impl Secret {
    fn show(self, created: CreatedScimClient) {
        self.name.set(created.client.name);
        self.once.show(created.secret);
    }
}

/// The button and the form behind it.
#[component]
pub fn CreateScimClient(
    /// Shows the new token.
    secret: Secret,
) -> impl IntoView {
    let dialog = DialogHandle::new();
    let (name, adopt) = (RwSignal::new(String::new()), RwSignal::new(false));
    // Not a `ServerAction`: its value would keep the token as long as the page lives.
    let action = Action::new_local(move |new: &NewScimClient| {
        let new = new.clone();
        async move {
            let answer: Result<Answer<CreatedScimClient>, AppError> = create_scim_client(new).await;
            answer
        }
    });
    Effect::new(move |_| {
        let created = match &*action.value().read() {
            Some(Ok(Ok(created))) => created.clone(),
            _ => return,
        };
        action.value().set(None);
        dialog.close();
        secret.show(created);
    });
    let begin = move |()| {
        action.value().set(None);
        name.set(String::new());
        adopt.set(false);
        dialog.open();
    };
    let problem = Signal::derive(move || problem_in(action.value()));
    let submit = move |()| {
        let new = NewScimClient {
            name: name.get_untracked().trim().to_owned(),
            adopt_existing: adopt.get_untracked(),
        };
        action.dispatch(new);
    };
    view! {
        <CreateButton label="Create SCIM client" dialog=DIALOG on_open=begin />
        <FormDialog
            handle=dialog
            id=DIALOG
            title="Create SCIM client"
            verb="Create SCIM client"
            problem
            fields=&["name"]
            pending=action.pending()
            on_submit=submit
            on_close=|()| ()
        >
            <BoundText
                id="scim-name"
                label="Name"
                help="Say which identity provider uses it, e.g. Okta."
                error=message(problem, "name")
                value=name
                required=true
            />
            <BoundTick
                id="scim-adopt"
                label="Adopt accounts that are there already"
                help="Without it, a person whose e-mail address has an account here is refused. Super admins are never adopted."
                checked=adopt
            />
        </FormDialog>
    }
}

/// The dialog with the token, see [`ShownOnce`].
#[component]
pub fn SecretDialog(
    /// Its state.
    secret: Secret,
    /// Where the SCIM server is.
    base: String,
    /// Called when the token was put away: lists have to be read anew.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let Secret { once, name } = secret;
    let title = Signal::derive(move || format!("{} is ready", name.get()));
    let token = once.secret();
    let curl = {
        let base = base.clone();
        Signal::derive(move || {
            format!("curl {base}/ServiceProviderConfig \\\n  -H \"Authorization: Bearer {}\"", token.read())
        })
    };
    view! {
        <ShownOnce
            once
            title
            label="SCIM token"
            lost="If you lose it, revoke this client and create another one that adopts existing accounts. Nobody can show it again."
            on_close=on_done
        >
            <Snippet text=Signal::stored(base) title="SCIM base URL" />
            <Snippet text=curl title="curl" />
            <p class="sub">"It opens the SCIM server and nothing else. It never touches a super admin and gives no roles by itself."</p>
        </ShownOnce>
    }
}
