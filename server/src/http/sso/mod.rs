//! Signing in with identity providers, as browsers and providers see it: `/login/sso/{name}` and below.
//!
//! Nothing of a request ends up in an answer: where to go comes from the configuration and from what was kept, and what
//! went wrong is told by a word that the sign-in page explains.

mod back_channel;
mod begin;
mod callback;
mod cookie;

use super::Http;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use control::Error;
use model::sso::SignInRefusal;

/// What browsers ask for. Below the session, whose owner may test a provider.
pub(super) fn router() -> Router {
    Router::new()
        .route("/login/sso/{name}", get(begin::begin))
        .route("/login/sso/{name}/callback", get(callback::callback))
}

/// What providers call by themselves: no cookie, no origin, nothing but a signed token.
pub(super) fn back_channel(http: Http) -> Router {
    Router::new().route("/login/sso/{name}/backchannel-logout", post(back_channel::log_out)).with_state(http)
}

/// Sends the browser to a path of this site, or to a provider.
fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::from_str(to) {
        Ok(to) => {
            response.headers_mut().insert(header::LOCATION, to);
        }
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

/// Back to the sign-in page, which explains the word.
fn refused(error: &Error, correlation_id: &str) -> Response {
    match error {
        Error::SignInRefused(why) => told(why.as_str()),
        Error::Unauthenticated => told(SignInRefusal::OtherPerson.as_str()),
        other => {
            // Writes it into the log.
            drop(other.to_problem(correlation_id));
            told("failed")
        }
    }
}

/// Back to the sign-in page with one of our own words.
fn told(word: &'static str) -> Response {
    see_other(&format!("/login?sso={word}"))
}
