//! What stands before every endpoint: who calls, whose turn it is, and a body that is whole and small.

use super::BASE;
use super::answer::Refusal;
use super::request::Call;
use crate::admin_api::{bearer, correlation_id};
use crate::http::Http;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use control::Client;
use control::scim::{Caller, authenticate};
use identity::scim::ScimError;
use std::time::Duration;

/// Largest body: a group of some ten thousand members.
const MAX_BODY: usize = 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lets a SCIM client in, or refuses.
pub(super) async fn admit(State(http): State<Http>, request: Request, next: Next) -> Response {
    pass(http, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn pass(http: Http, request: Request, next: Next) -> Result<Response, Refusal> {
    let correlation_id = correlation_id();
    let (mut parts, body) = request.into_parts();
    let caller = caller(&http, &parts)
        .await
        .map_err(|error| Refusal::of(&error.into(), &correlation_id))?
        .ok_or_else(Refusal::unauthenticated)?;
    let Some(_turn) = http.turns.take(caller.client().id.to_string()).await else {
        return Err(ScimError::new(429, "too many requests of this client at a time: try again later").into());
    };
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(closing(413, "the body is too large: 1 MiB at most")),
        Err(_) => return Err(closing(408, "the body didn't arrive in time")),
    };
    parts.extensions.insert(Call {
        control: http.control.clone(),
        caller,
        base: format!("{}{BASE}", http.base_url.as_str()),
        correlation_id,
    });
    Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
}

/// Which client calls; `None`: there is no bearer, or more than one.
async fn caller(http: &Http, parts: &Parts) -> Result<Option<Caller>, control::Error> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let presented = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(bearer),
        _ => None,
    };
    let Some(presented) = presented else { return Ok(None) };
    let client = parts.extensions.get::<Client>().cloned().unwrap_or_default();
    match authenticate(&http.control, presented, client).await {
        Ok(caller) => Ok(Some(caller)),
        Err(control::Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is left of the body can't be skipped: the connection ends with the answer.
fn closing(status: u16, detail: &'static str) -> Refusal {
    Refusal::from(ScimError::new(status, detail)).closing()
}
