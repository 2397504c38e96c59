//! What a look at an identity provider found, step by step.

use serde::{Deserialize, Serialize};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckStep {
    /// Stable word: `discovery`, `issuer`, `endpoints`, `code_flow`, `algorithms`, `pkce`, `keys`.
    pub step: String,
    /// Whether it is as it must be.
    pub ok: bool,
    /// What was found, and what to do; for people.
    pub message: String,
}

/// A look at an identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderCheck {
    /// Whether people could sign in by what was found.
    pub ok: bool,
    /// What was looked at, in this order; ends with the first step without which the next can't be taken.
    pub steps: Vec<CheckStep>,
    /// The redirect address to register at the provider.
    pub redirect_uri: String,
    /// The address for back-channel logout to register at the provider.
    pub backchannel_logout_uri: String,
}
