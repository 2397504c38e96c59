//! Request bodies: JSON whose errors name the field.

use super::ProblemResponse;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use model::{FieldError, Problem};
use serde::de::{DeserializeOwned, IgnoredAny};

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
pub(super) struct Raw(pub(super) Bytes);

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

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // First as JSON of any kind: serde_json calls a number where it wants a word bad syntax.
    serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| syntax_problem(&error))?;
    // serde would take a list as an object's fields, one after the other.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(wrong_field("body".to_owned(), "must be a JSON object".to_owned()));
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(bytes))
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
    use model::tenant::NewTenant;

    fn field_of(text: &str) -> String {
        let problem = parse::<NewKey>(text.as_bytes()).unwrap_err();
        assert_eq!(problem.status, 422, "{problem}");
        problem.errors[0].field.clone().into_owned()
    }

    #[test]
    fn errors_name_the_field() {
        let missing = parse::<NewTenant>(br#"{"id":"a"}"#).unwrap_err();
        assert_eq!((missing.status, &*missing.errors[0].field), (422, "name"));
        assert_eq!(field_of(r#"{"name":"a","created_by":"me"}"#), "created_by");
        assert_eq!(field_of(r#"{"name":7}"#), "name");
        assert_eq!(
            field_of(r#"{"name":"a","rate_limits":{"requests_per_minute":-1}}"#),
            "rate_limits.requests_per_minute"
        );
        assert_eq!(field_of(r#"{"name":"a","rate_limits":{"per_year":1}}"#), "rate_limits.per_year");
        assert_eq!(field_of(r#"{"name":"a","tenant_id":"No Slug"}"#), "tenant_id");
        assert_eq!(field_of(r#"{"name":"a","kind":null}"#), "kind");
        assert_eq!(field_of(r#"{"name":"a","kind":7}"#), "kind");
        for text in ["[]", r#"["a"]"#, " 7", "null"] {
            assert_eq!(field_of(text), "body", "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_said_so() {
        for text in ["", "{", "nope", r#"{"name":"a"} x"#] {
            assert_eq!(parse::<NewKey>(text.as_bytes()).unwrap_err().status, 400, "{text}");
        }
    }
}
