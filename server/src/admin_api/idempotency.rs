//! The header `Idempotency-Key`, for every POST of this API at once: a request is done once, and its answer given again.
//! Handlers know nothing of it; what they commit is remembered by the [`control::Control`] that they are given.

use super::ProblemResponse;
use super::auth::Caller;
use crate::http::Http;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use control::{Answer, Attempt, IdempotencyKey, Once};
use model::{FieldError, Problem};
use serde_json::Value;

const HEADER: &str = "idempotency-key";
/// Says that an answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Does a request with the header once; any other goes through.
pub(super) async fn once(State(http): State<Http>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    answer(&http, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(http: &Http, request: Request, next: Next) -> Result<Response, ProblemResponse> {
    let (mut parts, body) = request.into_parts();
    let Caller { control, actor } = Caller::from_request_parts(&mut parts, http).await?;
    let key = key(&parts.headers)?;
    // All of it is here, and it isn't long: `http::body` has read it.
    let body = to_bytes(body, usize::MAX).await.map_err(|_| lost())?;
    let once = match Once::begin(&control, &actor, &key, &asked(&parts, &body)).await? {
        Attempt::First(once) => once,
        Attempt::Again(answer) => return Ok(replayed(answer)),
    };
    parts.extensions.insert(Caller { control: once.control(), actor });
    let work = first(once, next, Request::from_parts(parts, Body::from(body)));
    // Whoever hangs up because it takes long is whoever asks again: the answer has to be there then.
    control.finish(work).await?
}

async fn first(once: Once, next: Next, request: Request) -> Result<Response, ProblemResponse> {
    let (parts, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| lost())?;
    let given = parts
        .status
        .is_success()
        .then(|| Answer { status: parts.status.as_u16(), body: String::from_utf8_lossy(&body).into_owned() });
    match once.end(given).await? {
        Some(answer) => Ok(replayed(answer)),
        None => Ok(Response::from_parts(parts, Body::from(body))),
    }
}

fn key(headers: &HeaderMap) -> Result<IdempotencyKey, ProblemResponse> {
    let mut values = headers.get_all(HEADER).iter();
    let key = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(IdempotencyKey::parse),
        _ => None,
    };
    key.ok_or_else(|| {
        let mut problem = Problem::new(422, "validation_failed", "Some headers can't be taken");
        let must = "must be 1 to 255 visible ASCII characters, and there once";
        problem.errors.push(FieldError::new("Idempotency-Key", must));
        ProblemResponse(problem)
    })
}

/// Everything that is asked for. Spaces between the words of JSON don't make it another request.
fn asked(parts: &Parts, body: &[u8]) -> String {
    let body = match serde_json::from_slice::<Value>(body) {
        Ok(json) => json.to_string(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    format!("{} {}\n{body}", parts.method, parts.uri)
}

fn replayed(Answer { status, body }: Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json), (REPLAYED, HeaderValue::from_static("true"))], body)
        .into_response()
}

fn lost() -> ProblemResponse {
    ProblemResponse(Problem::new(400, "invalid_body", "The body couldn't be read"))
}
