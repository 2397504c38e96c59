//! A one-time link by which somebody sets their password. Shown once, like a key.

use crate::components::copy::CopyButton;
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::field::FormError;
use crate::error::AppError;
use crate::format::absolute;
use crate::server_fns::users::{invite_user, make_reset_link};
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::Problem;
use model::user::{AccountLink, AccountLinkKind, User};

/// The link on show. Outside of everything that reloads; forgotten when the dialog closes.
#[derive(Clone, Copy, Default)]
pub struct Linking {
    dialog: DialogHandle,
    name: RwSignal<String>,
    link: RwSignal<Option<AccountLink>>,
    problem: RwSignal<Option<Problem>>,
    stored: RwSignal<bool>,
    busy: RwSignal<bool>,
}

impl Linking {
    /// Opens the dialog that offers to make a link.
    pub fn ask(self, user: &User) {
        self.forget();
        self.name.set(user.name.clone());
        self.dialog.open();
    }

    fn forget(self) {
        self.link.set(None);
        self.problem.set(None);
        self.stored.set(false);
    }

    /// An account that has no password is invited; the others get a link for a new one.
    pub fn make(self, user: User) {
        if self.busy.get_untracked() {
            return;
        }
        self.ask(&user);
        self.busy.set(true);
        spawn_local(async move {
            let id = user.id;
            let made = match invite_user(id.clone()).await {
                Ok(Err(problem)) if problem.code == "has_password" => make_reset_link(id).await,
                other => other,
            };
            match made.unwrap_or_else(|AppError(problem)| Err(*problem)) {
                Ok(link) => drop(self.link.try_set(Some(link))),
                Err(problem) => drop(self.problem.try_set(Some(problem))),
            }
            self.busy.try_set(false);
        });
    }
}

/// The dialog: closes only after the link was copied or "I sent it" is ticked.
#[component]
pub fn LinkDialog(
    /// Its state.
    linking: Linking,
) -> impl IntoView {
    let Linking { dialog, name, link, problem, stored, busy } = linking;
    let shown = NodeRef::new();
    let title = Signal::derive(move || {
        let what = link.with(|link| match link.as_ref().map(|link| link.kind) {
            Some(AccountLinkKind::Invite) => "Invitation for",
            Some(AccountLinkKind::Reset) => "New password for",
            None => "Password link for",
        });
        format!("{what} {}", name.read())
    });
    let url = Signal::derive(move || {
        link.with(|link| link.as_ref().map(|link| link.url.clone()).unwrap_or_default())
    });
    let locked = Signal::derive(move || busy.get() || (link.read().is_some() && !stored.get()));
    let until = move || link.with(|link| link.as_ref().map(|link| absolute(link.expires_at)));
    let has_link = move || link.read().is_some();
    view! {
        <Dialog handle=dialog id="password-link" title locked on_close=Callback::new(move |()| linking.forget())>
            <Show when=move || busy.get()>
                <p role="status">"Making the link…"</p>
            </Show>
            <Show when=has_link>
                <p>
                    "This is the only time the link is shown. Whoever opens it sets the password of the account: send it to nobody else. It works once, until "
                    {until} ", and takes the place of the one before."
                </p>
                <div class="secret">
                    <code node_ref=shown aria-label="Link">
                        {url}
                    </code>
                    <CopyButton
                        text=url
                        label="Copy link"
                        primary=true
                        shown_in=shown
                        on_copied=Callback::new(move |()| stored.set(true))
                    />
                </div>
            </Show>
            <FormError problem=problem.into() />
            <div class="actions">
                <Show when=has_link>
                    <label class="check">
                        <input type="checkbox" bind:checked=stored />
                        "I sent it"
                    </label>
                </Show>
                <button class="btn primary" type="button" disabled=locked on:click=move |_| dialog.close()>
                    {move || if has_link() { "Done" } else { "Close" }}
                </button>
            </div>
        </Dialog>
    }
}
