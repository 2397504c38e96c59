//! The sessions of an account, to be ended one by one or all at once: in the drawer of a user, and one's own on the
//! Profile.

use crate::browser::leave_for;
use crate::components::failure::Failure;
use crate::components::toast::use_toasts;
use crate::components::when::When;
use crate::error::AppError;
use crate::format::{as_count, counted};
use crate::server_fns::users::EndSessions;
use crate::viewer::Dated;
use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;
use model::session::SessionView;
use model::{SessionId, Timestamp, UserId};

/// The sessions of an account, if they are on show; made by the page, outside of what reloads.
pub type SessionsResource = Resource<Result<Option<Dated<Vec<SessionView>>>, AppError>>;

/// The list with its buttons.
#[component]
pub fn Sessions(
    /// Whose.
    id: UserId,
    /// The sessions.
    sessions: SessionsResource,
    /// Ends them.
    ending: ServerAction<EndSessions>,
    /// Whether the viewer may end them.
    may_end: bool,
) -> impl IntoView {
    let id = StoredValue::new(id);
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match sessions.await {
                    Ok(Some(Dated { now, data })) => {
                        EitherOf3::A(view! { <List id=id.get_value() sessions=data now ending may_end /> })
                    }
                    Ok(None) => EitherOf3::B(()),
                    Err(error) => EitherOf3::C(view! { <Failure error /> }),
                }
            })}
        </Transition>
    }
}

/// Tells what became of it, and has the list read anew. Who ended the session of this browser has to sign in again.
pub fn tell_ended(ending: ServerAction<EndSessions>, on_ended: impl Fn() + 'static) {
    let toasts = use_toasts();
    Effect::new(move |_| match &*ending.value().read() {
        Some(Ok(Ok(ended))) if ended.current => leave_for("/login"),
        Some(Ok(Ok(ended))) => {
            toasts.show(format!("{} ended.", counted(ended.sessions_ended, "session", "sessions")));
            on_ended();
        }
        Some(Ok(Err(problem))) => toasts.show(problem.title.clone()),
        Some(Err(AppError(problem))) => toasts.show(problem.title.clone()),
        None => {}
    });
}

#[component]
fn List(
    id: UserId,
    sessions: Vec<SessionView>,
    now: Timestamp,
    ending: ServerAction<EndSessions>,
    may_end: bool,
) -> impl IntoView {
    let count = as_count(sessions.len());
    let id = StoredValue::new(id);
    let end = move |only: Option<SessionId>| drop(ending.dispatch(EndSessions { id: id.get_value(), only }));
    let pending = ending.pending();
    if sessions.is_empty() {
        return Either::Left(view! { <p>"Not signed in anywhere."</p> });
    }
    let rows = sessions
        .into_iter()
        .map(|session| {
            let from = session.origin.ip.unwrap_or_else(|| "an unknown address".to_owned());
            let label = format!("End session from {from}");
            let one = session.id;
            view! {
                <li>
                    <span>
                        {from} {session.current.then(|| view! { <span class="tag">"this browser"</span> })}
                        <span class="sub">{session.origin.user_agent}</span>
                        <span class="sub">
                            "Last seen " <When at=session.last_seen_at now /> ", begun " <When at=session.created_at now />
                        </span>
                    </span>
                    {may_end
                        .then(|| {
                            view! {
                                <button
                                    class="btn danger with-scripts"
                                    type="button"
                                    aria-label=label
                                    disabled=pending
                                    on:click=move |_| end(Some(one.clone()))
                                >
                                    "End"
                                </button>
                            }
                        })}
                </li>
            }
        })
        .collect_view();
    Either::Right(view! {
        <h3>{counted(count, "session", "sessions")}</h3>
        <ul class="plain-list with-buttons">{rows}</ul>
        {may_end
            .then(|| {
                view! {
                    <p class="with-scripts">
                        <button class="btn danger" type="button" disabled=pending on:click=move |_| end(None)>
                            "End all sessions"
                        </button>
                    </p>
                }
            })}
    })
}
