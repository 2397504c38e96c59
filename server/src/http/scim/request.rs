//! Parts of a request: the call itself, its parameters, its body, its conditions.

use super::answer::Refusal;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use control::Control;
use control::scim::{Caller, Precondition};
use identity::scim::{MEDIA_TYPE, SEARCH_REQUEST, ScimError, ScimType};
use serde_json::Value;
use std::collections::BTreeMap;

/// A request that was let in.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) control: Control,
    pub(super) caller: Caller,
    /// Where the SCIM server is, without a slash at the end.
    pub(super) base: String,
    pub(super) correlation_id: String,
}

impl Call {
    /// The answer to what couldn't be done.
    pub(super) fn refuse(&self) -> impl Fn(control::scim::Error) -> Refusal + '_ {
        |error| Refusal::of(&error, &self.correlation_id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::unauthenticated)
    }
}

/// The address's parameters; of those that are there twice, the first counts.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The value of one, in any case of its name.
    pub(super) fn of(&self, name: &str) -> Option<String> {
        self.0.get(&name.to_ascii_lowercase()).filter(|text| !text.trim().is_empty()).cloned()
    }

    /// The parameters of a search, as they stand in its body (RFC 7644 §3.4.3).
    pub(super) fn of_search(body: &Value) -> Result<Self, Refusal> {
        let syntax = || ScimError::of(ScimType::InvalidSyntax, "the body must be a SearchRequest");
        let said = body.as_object().ok_or_else(syntax)?;
        let schemas = said.get("schemas").and_then(Value::as_array).ok_or_else(syntax)?;
        if !schemas.iter().any(|schema| schema == SEARCH_REQUEST) {
            return Err(syntax().into());
        }
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
            _ => None,
        };
        let known = said.iter().filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)));
        Ok(Self(known.collect()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            parameters.entry(name.to_ascii_lowercase()).or_insert_with(|| value.into_owned());
        }
        Ok(Self(parameters))
    }
}

/// A JSON body.
pub(super) struct Json(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers().get(header::CONTENT_TYPE)) {
            return Err(
                ScimError::new(415, "the body must be application/scim+json or application/json").into()
            );
        }
        // All of it is here: the gate has read it.
        let bytes = Bytes::from_request(request, state).await.unwrap_or_default();
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let place = format!("the body is not JSON: line {}, column {}", error.line(), error.column());
            ScimError::of(ScimType::InvalidSyntax, place).into()
        })
    }
}

fn is_json(kind: Option<&HeaderValue>) -> bool {
    let kind = kind.and_then(|kind| kind.to_str().ok()).and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| {
        [MEDIA_TYPE, "application/json"].iter().any(|known| kind.trim().eq_ignore_ascii_case(known))
    })
}

/// `If-Match` and `If-None-Match`.
pub(super) struct Conditions {
    pub(super) matching: Option<Precondition>,
    pub(super) differing: Option<Precondition>,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let of = |headers: &HeaderMap, name| {
            headers.get(name).and_then(|value| value.to_str().ok()).map(Precondition::parse)
        };
        Ok(Self {
            matching: of(&parts.headers, header::IF_MATCH),
            differing: of(&parts.headers, header::IF_NONE_MATCH),
        })
    }
}

/// The id in the path. Bytes that aren't text are no id of anything.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(id.map(|Path(id)| id).unwrap_or_default()))
    }
}
