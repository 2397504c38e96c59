//! Signing in. Works without JavaScript: the form posts to the server function, which redirects.

use crate::browser::leave_for;
use crate::components::field::Field;
use crate::components::goto::Leave;
use crate::components::lone_card::LoneCard;
use crate::error::problem_of;
use crate::query::{safe_next, use_query};
use crate::server_fns::session::SignIn;
use crate::viewer::{home_of, use_viewer};
use leptos::prelude::*;
use model::Problem;

/// E-mail address and password.
#[component]
pub fn LoginPage() -> impl IntoView {
    let viewer = use_viewer();
    let query = use_query();
    let next =
        move || query.with(|query| query.get("next").and_then(safe_next).unwrap_or_default().to_owned());
    let sign_in = ServerAction::<SignIn>::new();
    Effect::new(move |_| {
        if let Some(Ok(Ok(to))) = &*sign_in.value().read() {
            leave_for(to);
        }
    });
    let refused = move || sign_in.value().with(|value| value.as_ref().and_then(problem_of).map(explain));
    // From the answer on until the next document is there, a second click must not send a second time.
    let busy = move || sign_in.pending().get() || matches!(&*sign_in.value().read(), Some(Ok(Ok(_))));
    view! {
        // Who is signed in already has nothing to do here.
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let viewer = viewer.await.ok().flatten();
                viewer.map(|viewer| {
                    let next = untrack(next);
                    let to = if next.is_empty() { home_of(&viewer.rights).to_owned() } else { next };
                    view! { <Leave to /> }
                })
            })}
        </Suspense>
        <LoneCard title="Sign in">
            <h1>"Sign in"</h1>
            <ActionForm action=sign_in>
                <input type="hidden" name="next" value=next />
                <Field id="email" label="Email">
                    <input
                        id="email"
                        type="email"
                        name="email"
                        autocomplete="username"
                        required
                        autofocus
                        maxlength="254"
                        aria-describedby="email-help"
                    />
                </Field>
                <Field id="password" label="Password">
                    <input
                        id="password"
                        type="password"
                        name="password"
                        autocomplete="current-password"
                        required
                        maxlength="1024"
                        aria-describedby="password-help"
                    />
                </Field>
                <div role="alert">
                    {move || refused().map(|text| view! { <p class="form-error">{text}</p> })}
                </div>
                <button class="btn primary wide" type="submit" disabled=busy aria-busy=move || busy().then_some("true")>
                    "Sign in"
                </button>
                <p class="sub">
                    "First start? Open the set-up link that the terminal shows. Forgot the password? An operator makes you a link on the Users page, or sets a new one with "
                    <code>"gatehouse user reset-password"</code> "."
                </p>
            </ActionForm>
        </LoneCard>
    }
}

/// Fixed words for each code: without JavaScript the problem arrives in the address, where anybody may have written
/// it, so none of its texts is shown.
pub(super) fn explain(problem: &Problem) -> String {
    match &*problem.code {
        "invalid_credentials" => "E-mail address or password is wrong.".to_owned(),
        "invalid_code" => "The code is wrong, or was used. Type the one that is shown now.".to_owned(),
        "second_step_over" => "This sign-in took too long. Begin anew with your password.".to_owned(),
        "locked_out" => match problem.retry_after {
            Some(seconds) => format!("Too many attempts. Try again in {seconds} seconds."),
            None => "Too many attempts. Try again later.".to_owned(),
        },
        "insecure_base_url" => {
            "Sign-in needs https: set server.base_url to an https:// address, or use a loopback address."
                .to_owned()
        }
        "unreachable" => "Gatehouse can't be reached. Check the connection and try again.".to_owned(),
        _ => {
            let id = problem.correlation_id.as_deref().unwrap_or_default();
            let known = !id.is_empty()
                && id.len() <= 64
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
            if known {
                format!("Signing in failed on our side. Try again; the correlation id is {id}.")
            } else {
                "Signing in failed. Try again.".to_owned()
            }
        }
    }
}
