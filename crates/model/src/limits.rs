//! Rate limits that a key carries.

use crate::error::FieldError;
use serde::{Deserialize, Serialize};

/// Limits of one key; a limit left out doesn't apply. Zero would lock the key and is a field error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// At most this many admitted requests in any span of 60 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// At most this many tokens, input and output, in a UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<u64>,
}

impl RateLimits {
    /// The largest limit that is taken; more is the same as none and hides a typing error.
    pub const MAX_REQUESTS: u32 = 10_000_000;
    /// The largest token limit that is taken.
    pub const MAX_TOKENS: u64 = 1_000_000_000_000;

    /// Whether nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    /// Which limits are out of bounds; fields are named below `prefix`.
    pub(crate) fn check(&self, prefix: &str) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.requests_per_minute.is_some_and(|n| n == 0 || n > Self::MAX_REQUESTS) {
            let field = format!("{prefix}.requests_per_minute");
            errors.push(FieldError::new(field, "must be from 1 to 10,000,000"));
        }
        if self.tokens_per_day.is_some_and(|n| n == 0 || n > Self::MAX_TOKENS) {
            let field = format!("{prefix}.tokens_per_day");
            errors.push(FieldError::new(field, "must be from 1 to 1,000,000,000,000"));
        }
        errors
    }
}
