//! Signing in: with an identity provider, or with e-mail address and password. Works without JavaScript: the buttons are
//! links, and the form posts to the server function, which redirects.

use crate::browser::leave_for;
use crate::components::field::Field;
use crate::components::goto::Leave;
use crate::components::lone_card::LoneCard;
use crate::error::problem_of;
use crate::query::{Query, safe_next, use_query};
use crate::server_fns::session::SignIn;
use crate::server_fns::sso::read_sign_in_options;
use crate::viewer::{home_of, use_viewer};
use leptos::prelude::*;
use model::Problem;
use model::sso::{SignInOption, SignInOptions, SignInRefusal};

/// The ways in that this installation offers.
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
    let options = Resource::new_blocking(|| (), |()| read_sign_in_options());
    let came_back = move || query.with(|query| query.get("sso").map(explain_return));
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
            <div role="alert">{move || came_back().map(|text| view! { <p class="form-error">{text}</p> })}</div>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    // A form that leads nowhere is better than no way in at all.
                    let options = options.await.unwrap_or(SignInOptions { providers: Vec::new(), password: true });
                    let next = untrack(next);
                    let buttons = options
                        .providers
                        .into_iter()
                        .map(|option| view! { <ProviderButton option next=next.clone() /> })
                        .collect_view();
                    view! {
                        {buttons}
                        {options.password.then(|| view! { <PasswordForm sign_in next /> })}
                    }
                })}
            </Suspense>
        </LoneCard>
    }
}

/// Off to an identity provider.
#[component]
fn ProviderButton(option: SignInOption, next: String) -> impl IntoView {
    let href = Query::default().with("next", Some(&next)).href(&format!("/login/sso/{}", option.name));
    // A full load: what answers is no page of ours.
    view! {
        <p>
            <a class="btn wide" rel="external" href=href>
                {option.title}
            </a>
        </p>
    }
}

/// E-mail address and password.
#[component]
fn PasswordForm(sign_in: ServerAction<SignIn>, next: String) -> impl IntoView {
    let refused = move || sign_in.value().with(|value| value.as_ref().and_then(problem_of).map(explain));
    // From the answer on until the next document is there, a second click must not send a second time.
    let busy = move || sign_in.pending().get() || matches!(&*sign_in.value().read(), Some(Ok(Ok(_))));
    view! {
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
            <div role="alert">{move || refused().map(|text| view! { <p class="form-error">{text}</p> })}</div>
            <button class="btn primary wide" type="submit" disabled=busy aria-busy=move || busy().then_some("true")>
                "Sign in"
            </button>
            <p class="sub">
                "First start? Open the set-up link that the terminal shows. Forgot the password? An operator makes you a link on the Users page, or sets a new one with "
                <code>"gatehouse user reset-password"</code> "."
            </p>
        </ActionForm>
    }
}

/// Why somebody came back from an identity provider without being signed in. Only our own words are explained: anybody can
/// write an address.
fn explain_return(word: &str) -> &'static str {
    match (SignInRefusal::parse(word), word) {
        (Some(refusal), _) => refusal.explain(),
        (None, "insecure_base_url") => INSECURE,
        (None, _) => "Signing in failed. Try again.",
    }
}

const INSECURE: &str =
    "Sign-in needs https: set server.base_url to an https:// address, or use a loopback address.";

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
        "insecure_base_url" => INSECURE.to_owned(),
        "passwords_off" => "Signing in with a password is switched off here.".to_owned(),
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
