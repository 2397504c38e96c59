//! Bodies of the control side: small, and here within seconds, so they are read whole before anything else happens. A
//! client that stalls holds a connection for that long and nothing more.

use crate::admin_api::ProblemResponse;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::Problem;
use std::time::Duration;

/// Largest body of a form, a server function or an Admin API call.
const MAX_BODY: usize = 64 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the body, or refuses the request.
pub(super) async fn read(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(PATIENCE, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(_)) => refuse(
            Problem::new(413, "request_too_large", "The body is too large or broken")
                .detail("At most 64 KiB is taken."),
        ),
        Err(_) => refuse(
            Problem::new(408, "request_timeout", "The body didn't arrive in time").detail("Send it again."),
        ),
    }
}

/// What is left of the body can't be skipped: the connection ends with the answer.
fn refuse(problem: Problem) -> Response {
    let mut response = ProblemResponse(problem).into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
