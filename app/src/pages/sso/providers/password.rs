//! Whether e-mail address and password open anything, and what switching that means.

use crate::components::badge::{Badge, Tone};
use crate::components::failure::Failure;
use crate::components::form_dialog::RemoveDialog;
use crate::components::toast::use_toasts;
use crate::editing::Removing;
use crate::error::AppError;
use crate::server_fns::sso::SetPasswordSignIn;
use crate::viewer::{SSO_WRITE, may, use_viewer};
use leptos::either::Either;
use leptos::prelude::*;
use model::sso::SignInOptions;

/// The question before it is switched: to what.
pub type Switching = Removing<bool, (), SetPasswordSignIn>;

/// How it stands, with the switch.
#[component]
pub fn PasswordCard(
    /// How people can sign in.
    options: Resource<Result<SignInOptions, AppError>>,
    /// Asks before it is switched.
    switching: Switching,
) -> impl IntoView {
    let viewer = use_viewer();
    view! {
        <section class="card pad switch-card" aria-labelledby="password-sign-in">
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may_write = may(viewer, SSO_WRITE).await;
                    match options.await {
                        Ok(options) => Either::Left(view! { <Standing on=options.password may_write switching /> }),
                        Err(error) => Either::Right(view! { <Failure error /> }),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Standing(on: bool, may_write: bool, switching: Switching) -> impl IntoView {
    let (tone, word) = if on { (Tone::Good, "On") } else { (Tone::Quiet, "Off") };
    let means = if on {
        "Accounts with a password sign in with it, beside the identity providers."
    } else {
        "Everybody signs in through an identity provider. Links that operators make for an account go on working."
    };
    let verb = if on { "Switch off" } else { "Switch on" };
    view! {
        <h2 id="password-sign-in">"Password sign-in"</h2>
        <Badge tone text=word />
        <p>{means}</p>
        {may_write
            .then(|| {
                view! {
                    <button
                        class="btn with-scripts"
                        class:danger=on
                        type="button"
                        aria-describedby="password-sign-in"
                        on:click=move |_| switching.ask(!on)
                    >
                        {verb}
                    </button>
                }
            })}
    }
}

/// The dialog.
#[component]
pub fn PasswordDialog(
    /// Its state.
    switching: Switching,
    /// Called when it was switched.
    #[prop(into)]
    on_switched: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let to_on = Signal::derive(move || switching.target().get().unwrap_or_default());
    let word = move || if to_on.get() { "on" } else { "off" };
    switching.on_removed(move |()| {
        toasts.show(format!("Password sign-in is {}.", untrack(word)));
        on_switched.run(());
    });
    let title = Signal::derive(move || format!("Switch password sign-in {}", word()));
    let verb = Signal::derive(move || format!("Switch {}", word()));
    let consequences = move || {
        if to_on.get() {
            Either::Left(view! { <p>"Whoever knows an account's password gets in with it again."</p> })
        } else {
            Either::Right(view! { <OffMeans /> })
        }
    };
    view! {
        <RemoveDialog
            handle=switching.dialog()
            id="switch-passwords"
            title
            verb
            harmless=to_on
            problem=switching.problem()
            pending=switching.pending()
            on_confirm=move |()| switching.confirm(|on| SetPasswordSignIn { on: *on })
        >
            {consequences}
        </RemoveDialog>
    }
}

#[component]
fn OffMeans() -> impl IntoView {
    view! {
        <ul class="consequences">
            <li>"Nobody signs in with a password any more, super_admins neither. Sessions that are open stay."</li>
            <li>"Who has no account at an identity provider gets in no more, but for links that operators make."</li>
            <li>"It takes a session that was begun with an identity provider: that shows that you get in without."</li>
            <li>
                "When the provider is down, somebody with a shell on the machine switches it on again: "
                <code>"gatehouse user allow-passwords"</code>
            </li>
        </ul>
    }
}
