//! Rate limits, of a key, of an access rule, or of each identity behind a key.

use crate::error::FieldError;
use serde::{Deserialize, Serialize};

/// Limits; one that is left out doesn't apply. Zero would lock everybody out and is a field error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// At most this many admitted requests in any span of 60 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub requests_per_minute: Option<u32>,
    /// At most this many admitted requests in a UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub requests_per_day: Option<u32>,
    /// At most this many tokens, input and output, in any span of 60 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000_000_000_u64))]
    pub tokens_per_minute: Option<u64>,
    /// At most this many tokens, input and output, in a UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000_000_000_u64))]
    pub tokens_per_day: Option<u64>,
    /// At most this many requests at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub concurrent_requests: Option<u32>,
}

impl RateLimits {
    /// The largest limit of requests that is taken; more is the same as none and hides a typing error.
    pub const MAX_REQUESTS: u32 = 10_000_000;
    /// The largest limit of tokens that is taken.
    pub const MAX_TOKENS: u64 = 1_000_000_000_000;

    /// Whether nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with the figures; fields are named below `field`, e.g. `rate_limits.requests_per_minute`.
    pub fn check(&self, field: &str) -> Vec<FieldError> {
        let requests = [
            ("requests_per_minute", self.requests_per_minute),
            ("requests_per_day", self.requests_per_day),
            ("concurrent_requests", self.concurrent_requests),
        ];
        let tokens = [("tokens_per_minute", self.tokens_per_minute), ("tokens_per_day", self.tokens_per_day)];
        let requests = requests
            .into_iter()
            .filter(|(_, limit)| limit.is_some_and(|n| n == 0 || n > Self::MAX_REQUESTS))
            .map(|(name, _)| (name, "must be from 1 to 10,000,000"));
        let tokens = tokens
            .into_iter()
            .filter(|(_, limit)| limit.is_some_and(|n| n == 0 || n > Self::MAX_TOKENS))
            .map(|(name, _)| (name, "must be from 1 to 1,000,000,000,000"));
        requests
            .chain(tokens)
            .map(|(name, message)| FieldError::new(format!("{field}.{name}"), message))
            .collect()
    }
}
