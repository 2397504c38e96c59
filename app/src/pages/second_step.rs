//! The second step of signing in: a code. Works without JavaScript, as the first does.

use crate::browser::leave_for;
use crate::components::failure::Failure;
use crate::components::field::Field;
use crate::components::goto::Leave;
use crate::components::lone_card::LoneCard;
use crate::error::problem_of;
use crate::pages::login::explain;
use crate::query::{Query, safe_next, use_query};
use crate::server_fns::session::{TakeSecondStep, is_half_way};
use crate::viewer::{home_of, use_viewer};
use leptos::either::EitherOf4;
use leptos::prelude::*;

/// Where it is.
pub const PATH: &str = "/login/second-step";

/// A code of the authenticator, or a recovery code.
#[component]
pub fn SecondStepPage() -> impl IntoView {
    let viewer = use_viewer();
    let query = use_query();
    let half_way = Resource::new_blocking(|| (), |()| is_half_way());
    // The action lives out here: what was wrong outlives a look at the session.
    let action = ServerAction::<TakeSecondStep>::new();
    let next =
        move || query.with_untracked(|query| query.get("next").and_then(safe_next).map(ToOwned::to_owned));
    view! {
        <LoneCard title="Second step">
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let viewer = viewer.await.ok().flatten();
                    match (viewer, half_way.await) {
                        (Some(viewer), _) => {
                            let to = next().unwrap_or_else(|| home_of(&viewer.rights).to_owned());
                            EitherOf4::A(view! { <Leave to /> })
                        }
                        (None, Ok(true)) => EitherOf4::B(view! { <CodeForm action query /> }),
                        (None, Ok(false)) => EitherOf4::C(view! { <Over next=next() /> }),
                        (None, Err(error)) => EitherOf4::D(view! { <Failure error whole_page=true /> }),
                    }
                })}
            </Suspense>
        </LoneCard>
    }
}

#[component]
fn Over(next: Option<String>) -> impl IntoView {
    let again = Query::default().with("next", next.as_deref()).href("/login");
    view! {
        <h1>"This sign-in is over"</h1>
        <p>"There are five minutes between password and code. Begin anew with your password."</p>
        <p>
            <a class="btn primary" href=again>
                "Sign in"
            </a>
        </p>
    }
}

#[component]
fn CodeForm(action: ServerAction<TakeSecondStep>, query: Memo<Query>) -> impl IntoView {
    Effect::new(move |_| {
        if let Some(Ok(Ok(to))) = &*action.value().read() {
            leave_for(to);
        }
    });
    let recovery = Memo::new(move |_| query.with(|query| query.get("with") == Some("recovery")));
    let next =
        move || query.with(|query| query.get("next").and_then(safe_next).unwrap_or_default().to_owned());
    let refused = move || action.value().with(|value| value.as_ref().and_then(problem_of).map(explain));
    let busy = move || action.pending().get() || matches!(&*action.value().read(), Some(Ok(Ok(_))));
    let lead = move || {
        if recovery.get() {
            "Type one of the recovery codes that you put away. It works once."
        } else {
            "Type the six digits that your authenticator shows for Gatehouse."
        }
    };
    let other = move || {
        let with = (!recovery.get()).then_some("recovery");
        query.with(|query| query.only(&["next"]).with("with", with).href(PATH))
    };
    view! {
        <h1>"One more step"</h1>
        <p class="lead">{lead}</p>
        <ActionForm action>
            <input type="hidden" name="next" value=next />
            <Field id="code" label="Code">
                <input
                    id="code"
                    type="text"
                    name="code"
                    inputmode=move || if recovery.get() { "text" } else { "numeric" }
                    autocomplete=move || if recovery.get() { "off" } else { "one-time-code" }
                    autocapitalize="off"
                    spellcheck="false"
                    required
                    autofocus
                    maxlength="64"
                    aria-describedby="code-help"
                />
            </Field>
            <div role="alert">
                {move || refused().map(|text| view! { <p class="form-error">{text}</p> })}
            </div>
            <button class="btn primary wide" type="submit" disabled=busy aria-busy=move || busy().then_some("true")>
                "Sign in"
            </button>
        </ActionForm>
        <p class="sub">
            <a href=other>
                {move || if recovery.get() { "Use your authenticator" } else { "Use a recovery code" }}
            </a>
            ". Without either, an operator takes the second factor off your account."
        </p>
    }
}
