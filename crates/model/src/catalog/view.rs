//! Providers and models as their own pages show them.

use super::{Model, ModelLabel, Prices, Provider};
use crate::id::{ModelName, ProviderName, TenantId};
use serde::{Deserialize, Serialize};

/// A provider with what depends on it. Flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderDetail {
    /// The provider.
    #[serde(flatten)]
    pub provider: Provider,
    /// The models that have a target there, by name.
    pub models: Vec<ModelName>,
}

/// A model with the state of its targets. Flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelDetail {
    /// The model.
    #[serde(flatten)]
    pub model: Model,
    /// Its targets' circuit breakers, as the node sees them that answers; empty when nothing is known of them.
    pub health: Vec<TargetHealth>,
}

/// The answer to a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// A model as it is offered to somebody who may call it: nothing of who answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedModel {
    /// What a client sends as `model`.
    pub name: ModelName,
    /// Its labels.
    pub labels: Vec<ModelLabel>,
    /// Prices.
    pub prices: Prices,
    /// Most output tokens of one answer.
    pub max_output_tokens: Option<u64>,
    /// Most tokens of prompt and answer together.
    pub context_length: Option<u64>,
    /// The tenants whose keys may call it, of those that the person is a member of.
    pub tenant_ids: Vec<TenantId>,
}

impl OfferedModel {
    /// What of `model` is offered to keys of these tenants.
    pub fn new(model: Model, tenant_ids: Vec<TenantId>) -> Self {
        let Model { name, labels, prices, max_output_tokens, context_length, .. } = model;
        Self { name, labels, prices, max_output_tokens, context_length, tenant_ids }
    }
}

/// Whether a target is asked at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests go there.
    Closed,
    /// It failed too often: requests go elsewhere until its pause is over.
    Open,
    /// Its pause is over: one request tries it.
    HalfOpen,
}

/// A target's circuit breaker, as the node sees it that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TargetHealth {
    /// Which provider.
    pub provider: ProviderName,
    /// What the upstream calls the model.
    pub upstream_model: String,
    /// Whether it is asked at the moment.
    pub breaker: BreakerState,
    /// Failures in a row.
    pub failures: u32,
    /// Seconds until an open breaker lets a request try.
    pub retry_in_seconds: Option<u32>,
}
