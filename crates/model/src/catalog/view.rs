//! Providers and models as their own pages show them.

use super::{Model, Provider, TargetHealth};
use crate::id::ModelName;
use serde::{Deserialize, Serialize};

/// A provider with what depends on it. Flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDetail {
    /// The provider.
    #[serde(flatten)]
    pub provider: Provider,
    /// The models that have a target there, by name.
    pub models: Vec<ModelName>,
}

/// A model with the state of its targets. Flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelDetail {
    /// The model.
    #[serde(flatten)]
    pub model: Model,
    /// Its targets' circuit breakers, as the node sees them that answers; empty when nothing is known of them.
    pub health: Vec<TargetHealth>,
}

/// The answer to a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeResult {
    /// Whether the provider answered as it should, the credential included.
    pub ok: bool,
    /// Its HTTP status, if it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub milliseconds: u32,
    /// One line for people. Never has the credential in it.
    pub message: String,
}
