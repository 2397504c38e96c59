//! Errors on the wire: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Problem;
use model::time::Entropy;

/// A problem as a response.
pub(crate) struct ProblemResponse(pub(crate) Problem);

impl From<control::Error> for ProblemResponse {
    fn from(error: control::Error) -> Self {
        Self(error.to_problem(&correlation_id()))
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, serde_json::to_string(&self.0).unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The database can't be asked who is calling.
pub(crate) fn unavailable() -> ProblemResponse {
    ProblemResponse(
        Problem::new(503, "unavailable", "The database doesn't answer")
            .detail("Nothing was changed. Try again in a moment."),
    )
}

/// The caller has as much running as anybody may, and it takes its time.
pub(crate) fn too_many_requests() -> ProblemResponse {
    let mut problem =
        Problem::new(429, "too_many_requests", "Too many of your requests run at the same time")
            .detail("Wait for the answers of some, then try again.");
    problem.retry_after = Some(1);
    ProblemResponse(problem)
}

/// Finds one occurrence in the log.
pub(crate) fn correlation_id() -> String {
    let mut digits = [0u8; 12];
    model::base62::random(&mut digits, |bytes| crate::system::OsEntropy.fill(bytes));
    digits.iter().map(|digit| char::from(*digit)).collect()
}
