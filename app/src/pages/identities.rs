//! Who somebody is at identity providers, in the drawer of a user.

use crate::components::failure::Failure;
use crate::components::toast::use_toasts;
use crate::components::when::When;
use crate::error::AppError;
use crate::format::counted;
use crate::server_fns::sso::UnlinkIdentity;
use crate::viewer::Dated;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::sso::Identity;
use model::{Timestamp, UserId};

/// The identities of an account, if they are on show; made by the page, outside of what reloads.
pub type IdentitiesResource = Resource<Result<Option<Dated<Vec<Identity>>>, AppError>>;

/// The list with its buttons.
#[component]
pub fn Identities(
    /// Whose.
    id: UserId,
    /// The identities.
    identities: IdentitiesResource,
    /// Takes one away.
    unlinking: ServerAction<UnlinkIdentity>,
    /// Whether the viewer may do that.
    may_unlink: bool,
) -> impl IntoView {
    let id = StoredValue::new(id);
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match identities.await {
                    Ok(Some(Dated { now, data })) => {
                        EitherOf3::A(
                            view! { <List id=id.get_value() identities=data now unlinking may_unlink /> },
                        )
                    }
                    Ok(None) => EitherOf3::B(()),
                    Err(error) => EitherOf3::C(view! { <Failure error /> }),
                }
            })}
        </Transition>
    }
}

/// Tells what became of it, and has the list read anew.
pub fn tell_unlinked(unlinking: ServerAction<UnlinkIdentity>, on_unlinked: impl Fn() + 'static) {
    let toasts = use_toasts();
    Effect::new(move |_| match &*unlinking.value().read() {
        Some(Ok(Ok(()))) => {
            toasts.show("The identity is unlinked; its sessions have ended.".to_owned());
            on_unlinked();
        }
        Some(Ok(Err(problem))) => toasts.show(problem.title.clone()),
        Some(Err(AppError(problem))) => toasts.show(problem.title.clone()),
        None => {}
    });
}

#[component]
fn List(
    id: UserId,
    identities: Vec<Identity>,
    now: Timestamp,
    unlinking: ServerAction<UnlinkIdentity>,
    may_unlink: bool,
) -> impl IntoView {
    let count = u64::try_from(identities.len()).unwrap_or(u64::MAX);
    let id = StoredValue::new(id);
    let pending = unlinking.pending();
    if identities.is_empty() {
        return Either::Left(
            view! { <p>"None: nobody signs in through an identity provider to this account."</p> },
        );
    }
    let rows = identities
        .into_iter()
        .map(|identity| {
            let provider =
                identity.provider.map_or_else(|| "a provider that was removed".to_owned(), |name| name.to_string());
            let label = format!("Unlink the identity at {provider}");
            let one = identity.id;
            let unlink =
                move || drop(unlinking.dispatch(UnlinkIdentity { id: id.get_value(), identity: one.clone() }));
            view! {
                <li>
                    <span>
                        {provider} <span class="sub">{identity.email.unwrap_or_else(|| "no e-mail address".to_owned())}</span>
                        <span class="sub">"Subject " <code>{identity.subject}</code> " of " {identity.issuer}</span>
                        <span class="sub">"Last sign-in " <When at=identity.last_sign_in_at now /></span>
                    </span>
                    {may_unlink
                        .then(|| {
                            view! {
                                <button
                                    class="btn danger with-scripts"
                                    type="button"
                                    aria-label=label
                                    disabled=pending
                                    on:click=move |_| unlink()
                                >
                                    "Unlink"
                                </button>
                            }
                        })}
                </li>
            }
        })
        .collect_view();
    Either::Right(view! {
        <h3>{counted(count, "identity", "identities")}</h3>
        <ul class="plain-list with-buttons">{rows}</ul>
    })
}
