//! Request bodies: JSON whose errors name the field.

use super::ProblemResponse;
use super::objects::Objects;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use model::{FieldError, Problem};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A JSON body. Unknown fields, wrong types and missing fields are field errors.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = kind.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if !is_json {
            return Err(ProblemResponse(
                Problem::new(415, "unsupported_media_type", "The body must be JSON")
                    .detail("Send `Content-Type: application/json`."),
            ));
        }
        let Raw(bytes) = Raw::from_request(request, state).await?;
        parse(&bytes).map(Self).map_err(ProblemResponse)
    }
}

/// A body as it came, whatever its type.
struct Raw(Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        Bytes::from_request(request, state).await.map(Self).map_err(|error| {
            ProblemResponse(if error.status() == 413 {
                Problem::new(413, "request_too_large", "The body is too large")
                    .detail("At most 64 KiB is taken.")
            } else {
                Problem::new(400, "invalid_body", "The body couldn't be read")
            })
        })
    }
}

/// A JSON body that may be left out, whatever its type is said to be.
pub(super) struct Optional<T>(pub(super) Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Optional<T> {
    type Rejection = ProblemResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ProblemResponse> {
        let Raw(bytes) = Raw::from_request(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        parse(&bytes).map(|body| Self(Some(body))).map_err(ProblemResponse)
    }
}

/// Why something is taken away or given back.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = GivenReason)]
pub(super) struct Reason {
    /// Up to 500 characters, for the audit log.
    #[schema(
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    reason: Option<String>,
}

impl Optional<Reason> {
    /// The reason, if one is given.
    pub(super) fn reason(&self) -> Option<&str> {
        self.0.as_ref()?.reason.as_deref()
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // First as JSON of any kind: serde_json calls a number where it wants a word bad syntax.
    serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| syntax_problem(&error))?;
    // Said of the body as of no other object: it has no name.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(wrong_field("body".to_owned(), "must be a JSON object".to_owned()));
    }
    typed(&mut serde_json::Deserializer::from_slice(bytes))
}

/// Reads what was parsed already; errors name the field, as they do for a body.
pub(super) fn typed<'de, T: Deserialize<'de>>(
    from: impl Deserializer<'de, Error = serde_json::Error>,
) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Objects(from))
        .map_err(|error| field_problem(&error.path().to_string(), error.inner()))
}

fn syntax_problem(error: &serde_json::Error) -> Problem {
    Problem::new(400, "invalid_json", "The body is not JSON").detail(format!(
        "At line {}, column {}.",
        error.line(),
        error.column()
    ))
}

fn field_problem(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    // serde appends the place, which the path says better.
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    // A missing or unknown field is named in the message; the path ends at the object around it.
    let named = ["missing field `", "unknown field `"].iter().find_map(|start| {
        message.strip_prefix(start).and_then(|rest| rest.split('`').next()).map(str::to_owned)
    });
    let field = match (named, path) {
        (Some(name), "." | "") => name,
        (Some(name), path) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        (Some(name), path) => format!("{path}.{name}"),
        (None, "." | "") => "body".to_owned(),
        (None, path) => path.to_owned(),
    };
    let message = if error.is_data() { message } else { "is of another type".to_owned() };
    wrong_field(field, message)
}

fn wrong_field(field: String, message: String) -> Problem {
    let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
    problem.errors.push(FieldError::new(field, message));
    problem
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::key::NewKey;

    fn field_of(text: &str) -> String {
        first_field(parse::<NewKey>(text.as_bytes()).unwrap_err())
    }

    fn first_field(problem: Problem) -> String {
        assert_eq!(problem.status, 422, "{problem}");
        problem.errors[0].field.clone().into_owned()
    }

    #[test]
    fn errors_name_the_field() {
        assert_eq!(first_field(parse::<Reason>(br#"{"reason":7}"#).map(drop).unwrap_err()), "reason");
        assert_eq!(field_of(r#"{"name":"a","created_by":"me"}"#), "created_by");
        assert_eq!(field_of(r#"{"name":7}"#), "name");
        assert_eq!(
            field_of(r#"{"name":"a","rate_limits":{"requests_per_minute":-1}}"#),
            "rate_limits.requests_per_minute"
        );
        assert_eq!(field_of(r#"{"name":"a","rate_limits":{"per_year":1}}"#), "rate_limits.per_year");
        assert_eq!(field_of(r#"{"name":"a","rate_limits":[5,6]}"#), "rate_limits");
        assert_eq!(field_of(r#"{"name":"a","identity":{"rate_limits":[5]}}"#), "identity.rate_limits");
        assert_eq!(field_of(r#"{"name":"a","tenant_id":"No Slug"}"#), "tenant_id");
        assert_eq!(field_of(r#"{"name":"a","kind":7}"#), "kind");
        for text in ["[]", r#"["a"]"#, " 7", "null"] {
            assert_eq!(field_of(text), "body", "{text}");
        }
    }

    #[test]
    fn a_reason_may_be_left_out() {
        for text in ["{}", r#"{"reason":null}"#] {
            assert_eq!(Optional(Some(parse::<Reason>(text.as_bytes()).unwrap())).reason(), None, "{text}");
        }
        let given = Optional(Some(parse::<Reason>(br#"{"reason":"left"}"#).unwrap()));
        assert_eq!(given.reason(), Some("left"));
    }

    #[test]
    fn what_is_not_json_is_said_so() {
        for text in ["", "{", "nope", r#"{"name":"a"} x"#] {
            assert_eq!(parse::<NewKey>(text.as_bytes()).unwrap_err().status, 400, "{text}");
        }
    }
}
