//! Signing in and out, the first account, and who is signed in.

use crate::error::{Answer, AppError};
use crate::viewer::Viewer;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::edge::{Edge, SESSION_ORIGIN, SESSION_SUBJECT, is_plain_form, no_store, see_other, set_header};
#[cfg(feature = "ssr")]
use crate::query::safe_next;
#[cfg(feature = "ssr")]
use crate::server_fns::answer;
#[cfg(feature = "ssr")]
use crate::viewer::home_of;
#[cfg(feature = "ssr")]
use control::Password;
#[cfg(feature = "ssr")]
use control::sign_in::{SetupForm, SignedIn, Subject};
#[cfg(feature = "ssr")]
use model::Problem;
#[cfg(feature = "ssr")]
use model::session::SessionOrigin;
use model::user::AccountLinkView;

/// Who is signed in; `None` for nobody.
#[server(prefix = "/api", endpoint = "session/viewer", input = Json)]
pub async fn read_viewer() -> Result<Option<Viewer>, AppError> {
    let edge = Edge::current()?;
    let Some(actor) = &edge.actor else { return Ok(None) };
    let Some(user) = actor.user().cloned() else { return Ok(None) };
    let tenants =
        control::tenants::of_actor(&edge.control, actor).await.map_err(|error| edge.refuse(&error))?;
    let rights = actor.rights().clone();
    Ok(Some(Viewer { user, rights, tenants, base_url: edge.base_url.clone(), now: edge.control.now() }))
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
    begin_session(&edge, used, None).await
}

/// Signs in with a password. Answers where to go.
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
    let signed_in =
        control::sign_in::sign_in(&edge.control, &email, Password::new(password), &edge.client).await;
    begin_session(&edge, signed_in, safe_next(&next)).await
}

/// Ends this session. Answers where to go.
#[server(prefix = "/api", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<Answer<String>, AppError> {
    let edge = Edge::current()?;
    if let Some(actor) = &edge.actor {
        control::sign_in::sign_out(&edge.control, actor).await.map_err(|error| edge.refuse(&error))?;
    }
    edge.session.flush().await.map_err(|error| edge.session_failed(error))?;
    set_header(axum::http::HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
    Ok(Ok(leave_for("/login")))
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
async fn renew_session(edge: &Edge, subject: &Subject) -> Result<(), AppError> {
    no_store();
    edge.session.cycle_id().await.map_err(|error| edge.session_failed(error))?;
    let ip = edge.client.ip.map(|ip| ip.to_string());
    let origin = SessionOrigin { ip, user_agent: edge.client.user_agent.clone() };
    edge.session.insert(SESSION_ORIGIN, origin).await.map_err(|error| edge.session_failed(error))?;
    edge.session.insert(SESSION_SUBJECT, subject).await.map_err(|error| edge.session_failed(error))
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
