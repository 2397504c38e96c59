//! The card on the Profile: whether there is a second factor, and what can be done with it.

use super::confirm::{ConfirmDialogs, Confirming};
use super::enrol::{EnrolSteps, Enrolling};
use crate::components::badge::{Badge, Tone};
use crate::components::dialog::{Dialog, DialogHandle};
use crate::components::drawer::Fact;
use crate::components::failure::Failure;
use crate::components::toast::use_toasts;
use crate::components::when::WhenExact;
use crate::server_fns::second_factor::read_second_factor;
use crate::viewer::{Dated, use_viewer};
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::second_factor::{Enrolled, SecondFactorView};
use model::user::UserSource;

/// Recovery codes that are few enough to say so.
const FEW: u32 = 3;

/// The card.
#[component]
pub fn SecondFactorCard() -> impl IntoView {
    let viewer = use_viewer();
    let toasts = use_toasts();
    let changed = RwSignal::new(0_u32);
    let state = Resource::new_blocking(move || changed.get(), |_| read_second_factor());
    let (enrolling, confirming) = (Enrolling::default(), Confirming::default());
    let dialog = DialogHandle::new();
    let read_anew = move || changed.update(|times| *times += 1);
    let on_changed = move |told: &'static str| {
        toasts.show(told);
        read_anew();
    };
    let set_up = move |()| {
        enrolling.begin();
        dialog.open();
    };
    // However it was closed: it may be on by then.
    let closed = move |()| {
        enrolling.forget();
        read_anew();
    };
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                // Whoever comes from an identity provider proves themselves there.
                let local = viewer.await.ok().flatten().is_some_and(|viewer| viewer.user.source == UserSource::Local);
                match state.await {
                    Ok(state) if local => EitherOf3::A(view! { <Card state confirming on_set_up=set_up /> }),
                    Ok(_) => EitherOf3::B(()),
                    Err(error) => EitherOf3::C(view! { <Failure error /> }),
                }
            })}
        </Transition>
        <Dialog
            handle=dialog
            id="enrol-second-factor"
            title=Signal::derive(|| "Set up a second factor".to_owned())
            locked=Signal::derive(move || enrolling.is_locked())
            on_close=Callback::new(closed)
        >
            <EnrolSteps enrolling on_done=move |()| dialog.close() />
            <Show when=move || !enrolling.has_codes()>
                <div class="actions">
                    <button class="btn" type="button" disabled=move || enrolling.is_locked() on:click=move |_| dialog.close()>
                        "Cancel"
                    </button>
                </div>
            </Show>
        </Dialog>
        <ConfirmDialogs confirming on_changed />
    }
}

#[component]
fn Card(
    state: Dated<SecondFactorView>,
    confirming: Confirming,
    #[prop(into)] on_set_up: Callback<()>,
) -> impl IntoView {
    let Dated { now, data: SecondFactorView { required, enrolled } } = state;
    let inside = match enrolled {
        None => Either::Left(view! {
            <p>
                "Off. With one, signing in asks for a code from an authenticator app after your password, so that a stolen password opens nothing."
            </p>
            <div class="actions with-scripts">
                <button class="btn primary" type="button" on:click=move |_| on_set_up.run(())>
                    "Set up"
                </button>
            </div>
        }),
        Some(Enrolled { at, recovery_codes_left }) => Either::Right(view! {
            <dl>
                <Fact name="State">
                    <Badge tone=Tone::Good text="On" />
                </Fact>
                <Fact name="Since">
                    <WhenExact at now />
                </Fact>
                <Fact name="Recovery codes">{format!("{recovery_codes_left} of 10 left")}</Fact>
            </dl>
            {(recovery_codes_left <= FEW)
                .then(|| view! { <p class="note">"Few recovery codes are left. Make new ones before you need them."</p> })}
            {required.then(|| view! { <p class="sub">"This installation requires it of you."</p> })}
            <div class="actions with-scripts">
                <button class="btn danger" type="button" on:click=move |_| confirming.turn_off()>
                    "Turn off"
                </button>
                <button class="btn" type="button" on:click=move |_| confirming.renew_codes()>
                    "New recovery codes"
                </button>
            </div>
        }),
    };
    view! {
        <section class="card pad form-card" aria-labelledby="second-factor">
            <h2 id="second-factor">"Second factor"</h2>
            {inside}
        </section>
    }
}
