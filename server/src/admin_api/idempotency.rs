//! The header `Idempotency-Key`.

use super::ProblemResponse;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use control::IdempotencyKey;
use model::{FieldError, Problem};

/// The request's `Idempotency-Key`, if it has one.
pub(super) struct Idempotency(pub(super) Option<IdempotencyKey>);

impl<S: Send + Sync> FromRequestParts<S> for Idempotency {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ProblemResponse> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let key = match (values.next(), values.next()) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => value.to_str().ok().and_then(IdempotencyKey::parse),
            (Some(_), Some(_)) => None,
        };
        key.map(|key| Self(Some(key))).ok_or_else(|| {
            let mut problem = Problem::new(422, "validation_failed", "Some headers can't be taken");
            let must = "must be 1 to 255 visible ASCII characters, and there once";
            problem.errors.push(FieldError::new("Idempotency-Key", must));
            ProblemResponse(problem)
        })
    }
}
