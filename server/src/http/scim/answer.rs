//! Answers: resources with their addresses, lists, and refusals, all as `application/scim+json`.

use super::request::{Call, Conditions};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control::scim::{Found, Listed};
use identity::scim::list::{self, Query};
use identity::scim::projection::Projection;
use identity::scim::{MEDIA_TYPE, ScimError};
use serde_json::{Map, Value};

/// Why something isn't done.
pub(super) struct Refusal {
    error: ScimError,
    /// Seconds until trying again makes sense.
    retry_after: Option<u32>,
    /// Whether the connection ends.
    close: bool,
}

impl Refusal {
    /// Nobody has proven who they are.
    pub(super) fn unauthenticated() -> Self {
        ScimError::new(401, "send the token of a SCIM client (scim_) as Authorization: Bearer").into()
    }

    /// The same, and the connection ends with it.
    pub(super) fn closing(self) -> Self {
        Self { close: true, ..self }
    }

    /// Of what an operation said.
    pub(super) fn of(error: &control::scim::Error, correlation_id: &str) -> Self {
        let retry_after = match error {
            control::scim::Error::Control(control::Error::LockedOut { retry_after }) => Some(*retry_after),
            _ => None,
        };
        Self { retry_after, ..Self::from(error.to_scim(correlation_id)) }
    }
}

impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        Self { error, retry_after: None, close: false }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, &self.error.body());
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"SCIM\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], body.to_string()).into_response()
}

/// A resource with this status; 201 says where it is. 304 when the caller has it already.
pub(super) fn resource(
    call: &Call,
    status: StatusCode,
    found: Found,
    projection: &Projection,
    conditions: Option<&Conditions>,
) -> Response {
    let Found { version, resource, .. } = found;
    let resource = addressed(call, resource);
    let location =
        resource.get("meta").and_then(|meta| meta["location"].as_str()).unwrap_or_default().to_owned();
    let known = conditions.and_then(|conditions| conditions.differing.as_ref());
    let mut response = if known.is_some_and(|known| known.is_met(&version)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json(status, &Value::Object(projection.of(resource)))
    };
    let headers = response.headers_mut();
    if let Ok(version) = HeaderValue::from_str(&version) {
        headers.insert(header::ETAG, version);
    }
    if let Ok(location) = HeaderValue::from_str(&location) {
        headers.insert(
            if status == StatusCode::CREATED { header::LOCATION } else { header::CONTENT_LOCATION },
            location,
        );
    }
    response
}

/// A page of a list.
pub(super) fn list(call: &Call, listed: Listed, query: &Query) -> Response {
    let total = listed.total;
    json(StatusCode::OK, &list::response(total, query.skip, shown(call, listed, query)))
}

/// The resources of a page, with what was asked for of each.
pub(super) fn shown(call: &Call, listed: Listed, query: &Query) -> Vec<Value> {
    let resources = listed.resources.into_iter();
    resources.map(|resource| Value::Object(query.projection.of(addressed(call, resource)))).collect()
}

/// With the addresses of the resource and of those it refers to.
fn addressed(call: &Call, mut resource: Map<String, Value>) -> Map<String, Value> {
    let id = resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = resource.get("meta").and_then(|meta| meta["resourceType"].as_str()).unwrap_or_default();
    let location = format!("{}/{kind}s/{id}", call.base);
    if let Some(meta) = resource.get_mut("meta") {
        meta["location"] = location.into();
    }
    for (name, endpoint) in [("members", "Users"), ("groups", "Groups")] {
        let references = resource.get_mut(name).and_then(Value::as_array_mut);
        for reference in references.into_iter().flatten() {
            let id = reference["value"].as_str().unwrap_or_default();
            reference["$ref"] = format!("{}/{endpoint}/{id}", call.base).into();
        }
    }
    resource
}
