//! One's own second factor: the page that asks for one before anything else, and the card on the Profile.

pub mod card;
pub mod codes;
pub mod confirm;
pub mod enrol;

pub use card::SecondFactorCard;

use crate::browser::leave_for;
use crate::components::goto::Leave;
use crate::components::lone_card::LoneCard;
use crate::query::{Query, safe_next, use_query};
use crate::server_fns::session::SignOut;
use crate::viewer::{ENROL, home_of, use_viewer};
use enrol::{EnrolSteps, Enrolling};
use leptos::either::EitherOf3;
use leptos::prelude::*;

/// For somebody who has to have a second factor and has none: enrolling one, or leaving.
#[component]
pub fn SecondFactorPage() -> impl IntoView {
    let viewer = use_viewer();
    let query = use_query();
    let enrolling = Enrolling::default();
    let next =
        move || query.with_untracked(|query| query.get("next").and_then(safe_next).map(ToOwned::to_owned));
    // Rights come with the next document.
    let on_done = move |()| leave_for(&next().unwrap_or_else(|| "/".to_owned()));
    view! {
        <LoneCard title="Second factor">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    match viewer.await.ok().flatten() {
                        None => {
                            let to = Query::default().with("next", Some(ENROL)).href("/login");
                            EitherOf3::A(view! { <Leave to /> })
                        }
                        Some(viewer) if !viewer.must_enrol => {
                            let to = next().unwrap_or_else(|| home_of(&viewer.rights).to_owned());
                            EitherOf3::B(view! { <Leave to /> })
                        }
                        Some(_) => EitherOf3::C(view! { <Asked enrolling on_done /> }),
                    }
                })}
            </Suspense>
        </LoneCard>
    }
}

#[component]
fn Asked(enrolling: Enrolling, #[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if let Some(Ok(Ok(to))) = &*sign_out.value().read() {
            leave_for(to);
        }
    });
    // In the browser only: the secret must not stand in a document.
    Effect::new(move |_| enrolling.begin());
    view! {
        <h1>"Set up a second factor"</h1>
        <p class="lead">
            "This installation asks you for a code beside your password. It takes a minute and an authenticator app; your API keys go on working meanwhile."
        </p>
        <p class="form-error without-scripts">"Setting it up needs JavaScript."</p>
        <EnrolSteps enrolling on_done />
        <Show when=move || !enrolling.has_codes()>
            <ActionForm action=sign_out>
                <button class="btn quiet wide" type="submit" disabled=move || sign_out.pending().get()>
                    "Sign out"
                </button>
            </ActionForm>
        </Show>
    }
}
