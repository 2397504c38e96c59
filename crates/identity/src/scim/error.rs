//! Errors as SCIM clients see them (RFC 7644 §3.12). The status is a string there, and so it is here.

use serde_json::{Value, json};
use std::borrow::Cow;

/// What kind of error a 400 or 409 is (RFC 7644, table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// The filter can't be read, or compares what can't be compared.
    InvalidFilter,
    /// Another resource has this value.
    Uniqueness,
    /// The attribute can't be changed.
    Mutability,
    /// The body isn't what it must be.
    InvalidSyntax,
    /// The path of a PATCH operation can't be read or names nothing.
    InvalidPath,
    /// The path of a PATCH operation selects no value.
    NoTarget,
    /// A value is missing or can't be taken.
    InvalidValue,
}

impl ScimType {
    /// The word of the RFC.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
        }
    }
}

/// An error with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// HTTP status.
    pub status: u16,
    /// Its kind, if it has one.
    pub scim_type: Option<ScimType>,
    /// For people.
    pub detail: Cow<'static, str>,
}

impl ScimError {
    /// An error without a kind.
    pub fn new(status: u16, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// Of this kind, with the status that goes with it.
    pub fn of(scim_type: ScimType, detail: impl Into<Cow<'static, str>>) -> Self {
        let status = if scim_type == ScimType::Uniqueness { 409 } else { 400 };
        Self { status, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A value that can't be taken.
    pub fn value(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::of(ScimType::InvalidValue, detail)
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": [super::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.as_str().into();
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_a_string() {
        let body = ScimError::of(ScimType::Uniqueness, "taken").body();
        assert_eq!((&body["status"], &body["scimType"]), (&json!("409"), &json!("uniqueness")));
        assert_eq!(ScimError::new(404, "gone").body().get("scimType"), None);
        assert_eq!(ScimError::value("x").status, 400);
    }
}
