//! Who may be behind a key's requests.

use crate::error::FieldError;
use crate::limits::RateLimits;
use serde::{Deserialize, Serialize};

/// Identity rules of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentityRules {
    /// Whether `X-User-Email` is read.
    pub header_mode: bool,
    /// Whether each request must carry an identity.
    pub enforce: bool,
    /// Which e-mail domains count; `null`: all, empty: none.
    pub allowed_domains: Option<Vec<String>>,
    /// Limits of each identity by itself.
    pub rate_limits: RateLimits,
}

impl IdentityRules {
    /// What is wrong with the rules; fields are named below `field`.
    pub fn check(&self, field: &str) -> Vec<FieldError> {
        self.rate_limits.check(&format!("{field}.rate_limits"))
    }
}
