//! Signing in and out, the first account, and who is signed in.

use crate::error::{Answer, AppError};
use crate::viewer::Viewer;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::edge::{Edge, SESSION_HALF, is_plain_form, no_store, see_other, set_header};
#[cfg(feature = "ssr")]
use crate::query::{Query, safe_next};
#[cfg(feature = "ssr")]
use crate::server_fns::answer;
#[cfg(feature = "ssr")]
use crate::viewer::home_of;
#[cfg(feature = "ssr")]
use control::Password;
#[cfg(feature = "ssr")]
use control::sign_in::{FirstStep, HalfSession, Presence, SetupForm, SignedIn, Subject};
#[cfg(feature = "ssr")]
use model::Problem;
use model::user::AccountLinkView;

/// Who is signed in; `None` for nobody.
#[server(prefix = "/api", endpoint = "session/viewer", input = Json)]
pub async fn read_viewer() -> Result<Option<Viewer>, AppError> {
    let edge = Edge::current()?;
    let Some(presence) = &edge.presence else { return Ok(None) };
    let Some(user) = presence.person().user().cloned() else { return Ok(None) };
    let tenants = match presence {
        Presence::Acting(actor) => {
            control::tenants::of_actor(&edge.control, actor).await.map_err(|error| edge.refuse(&error))?
        }
        Presence::Enrolling(_) => Vec::new(),
    };
    let rights = presence.person().rights().clone();
    let must_enrol = matches!(presence, Presence::Enrolling(_));
    let (base_url, now) = (edge.base_url.clone(), edge.control.now());
    Ok(Some(Viewer { user, rights, tenants, base_url, now, must_enrol }))
}

/// Whether the set-up link with this token can still be used.
#[server(prefix = "/api", endpoint = "session/setup-link", input = Json)]
pub async fn setup_link_valid(token: String) -> Result<bool, AppError> {
    let edge = Edge::current()?;
    control::sign_in::setup_link_valid(&edge.control, &token).await.map_err(|error| edge.refuse(&error))
}

/// Makes the first account and signs it in. Answers where to go.
#[server(prefix = "/api", endpoint = "session/set-up")]
pub async fn set_up(
    token: String,
    name: String,
    email: String,
    password: String,
) -> Result<Answer<String>, AppError> {
    let edge = Edge::current()?;
    if let Some(problem) = cookie_problem(&edge) {
        return Ok(Err(problem));
    }
    let form = SetupForm { token, name, email, password: Password::new(password) };
    let made = control::sign_in::complete_setup(&edge.control, form, &edge.client).await;
    begin_session(&edge, made, Some("/console")).await
}

/// What the page behind a one-time link for an account shows.
#[server(prefix = "/api", endpoint = "session/account-link", input = Json)]
pub async fn read_account_link(token: String) -> Result<Answer<AccountLinkView>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::sign_in::account_link(&edge.control, &token).await)
}

/// Sets the password that a one-time link was made for, and signs in. Answers where to go.
#[server(prefix = "/api", endpoint = "session/use-account-link")]
pub async fn use_account_link(token: String, password: String) -> Result<Answer<String>, AppError> {
    let edge = Edge::current()?;
    if let Some(problem) = cookie_problem(&edge) {
        return Ok(Err(problem));
    }
    let password = Password::new(password);
    let used = control::sign_in::use_account_link(&edge.control, &token, password, &edge.client).await;
    go_on(&edge, used, None).await
}

/// Signs in with a password: all the way, or to the second step. Answers where to go.
#[server(prefix = "/api", endpoint = "session/sign-in")]
pub async fn sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<Answer<String>, AppError> {
    let edge = Edge::current()?;
    if let Some(problem) = cookie_problem(&edge) {
        return Ok(Err(problem));
    }
    let step = control::sign_in::sign_in(&edge.control, &email, Password::new(password), &edge.client).await;
    go_on(&edge, step, safe_next(&next)).await
}

/// Whether a sign-in of this browser waits for its second step.
#[server(prefix = "/api", endpoint = "session/half-way", input = Json)]
pub async fn is_half_way() -> Result<bool, AppError> {
    let edge = Edge::current()?;
    Ok(half_session(&edge).await?.is_some_and(|half| half.is_open(&edge.control)))
}

/// The second step of a sign-in: a code. Answers where to go.
#[server(prefix = "/api", endpoint = "session/second-step")]
pub async fn take_second_step(
    code: String,
    #[server(default)] next: String,
) -> Result<Answer<String>, AppError> {
    let edge = Edge::current()?;
    let signed_in = match half_session(&edge).await? {
        Some(half) => control::sign_in::second_step(&edge.control, &half, &code, &edge.client).await,
        None => Err(control::Error::SecondStepOver),
    };
    begin_session(&edge, signed_in, safe_next(&next)).await
}

/// Ends this session. Answers where to go.
#[server(prefix = "/api", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<Answer<String>, AppError> {
    let edge = Edge::current()?;
    let mut there_too = None;
    if let Some(presence) = &edge.presence {
        let url = control::sso::sign_out_url(&edge.control, presence.person(), &edge.base_url).await;
        there_too = url.map_err(|error| edge.refuse(&error))?;
        let signed_out = control::sign_in::sign_out(&edge.control, presence.person()).await;
        signed_out.map_err(|error| edge.refuse(&error))?;
    }
    forget_session(&edge).await?;
    // A form that the browser itself sent may lead nowhere else (form-action).
    Ok(Ok(there_too.filter(|_| !is_plain_form()).unwrap_or_else(|| leave_for("/login"))))
}

/// Ends the session of this browser, and has the browser forget what it keeps of it.
#[cfg(feature = "ssr")]
pub(super) async fn forget_session(edge: &Edge) -> Result<(), AppError> {
    edge.session.flush().await.map_err(|error| edge.session_failed(error))?;
    set_header(axum::http::HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
    Ok(())
}

/// Changes one's own password; other sessions end.
#[server(prefix = "/api", endpoint = "session/change-password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<Answer<()>, AppError> {
    let edge = Edge::current()?;
    let (current, new) = (Password::new(current_password), Password::new(new_password));
    let changed = control::sign_in::change_password(&edge.control, edge.actor()?, current, new).await;
    if let Ok(subject) = &changed {
        renew_session(&edge, subject).await?;
    }
    answer(&edge, changed.map(drop))
}

/// A new session id with who it is for: nothing of the session before lives on under the id that somebody else may
/// know.
#[cfg(feature = "ssr")]
pub(super) async fn renew_session(edge: &Edge, subject: &Subject) -> Result<(), AppError> {
    no_store();
    edge.renew_session(subject).await.map_err(|error| edge.session_failed(error))
}

/// The sign-in of this browser that waits for its second step.
#[cfg(feature = "ssr")]
async fn half_session(edge: &Edge) -> Result<Option<HalfSession>, AppError> {
    edge.session.get(SESSION_HALF).await.map_err(|error| edge.session_failed(error))
}

/// Plain http on a name of the network: browsers would drop the `__Host-` cookie, and the password would travel in
/// clear.
#[cfg(feature = "ssr")]
fn cookie_problem(edge: &Edge) -> Option<Problem> {
    (!edge.keeps_cookies).then(|| {
        Problem::new(403, "insecure_base_url", "Sign-in needs https").detail(
            "Set server.base_url to an https:// address (TLS ends at a proxy in front), or use a loopback address.",
        )
    })
}

/// After the first step: a session, or one that opens nothing but the second step.
#[cfg(feature = "ssr")]
async fn go_on(
    edge: &Edge,
    step: Result<FirstStep, control::Error>,
    next: Option<&str>,
) -> Result<Answer<String>, AppError> {
    let half = match step {
        Ok(FirstStep::SignedIn(signed_in)) => return begin_session(edge, Ok(*signed_in), next).await,
        Ok(FirstStep::HalfWay(half)) => half,
        Err(error) => return begin_session(edge, Err(error), next).await,
    };
    no_store();
    edge.wait_for_second_step(&half).await.map_err(|error| edge.session_failed(error))?;
    Ok(Ok(leave_for(&Query::default().with("next", next).href("/login/second-step"))))
}

#[cfg(feature = "ssr")]
async fn begin_session(
    edge: &Edge,
    signed_in: Result<SignedIn, control::Error>,
    next: Option<&str>,
) -> Result<Answer<String>, AppError> {
    let SignedIn { rights, subject, .. } = match answer(edge, signed_in)? {
        Ok(signed_in) => signed_in,
        Err(problem) => return Ok(Err(problem)),
    };
    renew_session(edge, &subject).await?;
    Ok(Ok(leave_for(next.unwrap_or_else(|| home_of(&rights)))))
}

/// Where the page goes next: by a redirect when the browser itself sent the form, else by the page's own hand.
#[cfg(feature = "ssr")]
fn leave_for(path: &str) -> String {
    if is_plain_form() {
        see_other(path);
    }
    path.to_owned()
}
