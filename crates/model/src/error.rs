//! Errors as clients see them: RFC 9457 problem details with field errors.

use crate::key::KeyView;
use crate::management_key::ManagementKeyView;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// What is wrong with one field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name as the caller wrote it, e.g. `rate_limits.requests_per_minute`.
    pub field: Cow<'static, str>,
    /// What it must be.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error on `field`.
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// RFC 9457 problem details. Never holds internals: those are in the log, under `correlation_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable word for programs, e.g. `validation_failed`.
    pub code: Cow<'static, str>,
    /// Short text for people, the same for every occurrence.
    pub title: Cow<'static, str>,
    /// What to do in this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'static, str>>,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Finds this occurrence in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Seconds until trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The key that a replayed request had made, without its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Box<KeyView>>,
    /// The management key that a replayed request had made, without its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_key: Option<Box<ManagementKeyView>>,
}

impl Problem {
    /// A problem without details.
    pub fn new(status: u16, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code: code.into(),
            title: title.into(),
            detail: None,
            errors: Vec::new(),
            correlation_id: None,
            retry_after: None,
            key: None,
            management_key: None,
        }
    }

    /// With what to do in this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The message on `field`, if there is one.
    pub fn field(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| &*error.message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        for error in &self.errors {
            write!(f, "; {} {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
