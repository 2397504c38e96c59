//! Claims from somebody's last sign-in, for the simulator.

use super::trial::Trial;
use crate::components::user_picker::{PickedUser, UserPicker};
use crate::server_fns::sso::read_received_claims;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::sso::ReceivedClaims;

/// Picks somebody and takes what their provider said of them.
#[component]
pub fn LastSignIn(
    /// The simulator.
    trial: Trial,
) -> impl IntoView {
    let picked = PickedUser::default();
    let wrong = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let take = move |_| {
        let typed = picked.typed.get_untracked();
        wrong.set(None);
        pending.set(true);
        spawn_local(async move {
            let taken = received(picked, typed.clone()).await;
            // The page may be left by now.
            let _ = pending.try_set(false);
            match taken {
                Ok(received) => trial.take_received(&received, typed.trim()),
                Err(text) => {
                    let _ = wrong.try_set(Some(text));
                }
            }
        });
    };
    view! {
        <div class="add">
            <UserPicker id="simulator-user" label="Or take the last sign-in of" picked error=wrong.into() />
            <button
                class="btn with-scripts"
                type="button"
                disabled=pending
                aria-busy=move || pending.get().then_some("true")
                on:click=take
            >
                "Take their claims"
            </button>
        </div>
    }
}

/// What the provider of their last sign-in said.
async fn received(picked: PickedUser, typed: String) -> Result<ReceivedClaims, String> {
    let Some(id) = picked.people.find(typed).await else {
        return Err("must be the e-mail address of somebody here".to_owned());
    };
    let all = read_received_claims(id).await.map_err(|error| error.0.title.to_lowercase())?;
    let last = all.into_iter().max_by_key(|received| received.identity.last_sign_in_at);
    last.ok_or_else(|| "never signed in through an identity provider".to_owned())
}
