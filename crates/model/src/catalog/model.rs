//! Public model names, where their requests go, and what may be said of a new one.

use super::Prices;
use crate::error::FieldError;
use crate::id::{ModelLabel, ModelName, ProviderName};
use serde::{Deserialize, Serialize};

/// One place that a model's requests can go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Which provider.
    pub provider: ProviderName,
    /// What the upstream calls the model.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::UpstreamModel))]
    pub upstream_model: String,
    /// Share of requests among the targets, from 1.
    #[serde(default = "one")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000))]
    pub weight: u32,
}

fn one() -> u32 {
    1
}

/// A public model name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    /// What a client sends as `model`.
    pub name: ModelName,
    /// Where requests go.
    pub targets: Vec<Target>,
    /// Words by which keys can be allowed to call it.
    pub labels: Vec<ModelLabel>,
    /// Prices.
    pub prices: Prices,
    /// Most output tokens of one answer.
    pub max_output_tokens: Option<u64>,
    /// Most tokens of prompt and answer together.
    pub context_length: Option<u64>,
    /// Whether the configuration file owns it.
    pub from_configuration: bool,
}

/// What a caller may say of a new model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewModel {
    /// What a client sends as `model`; can't change.
    pub name: ModelName,
    /// Where requests go; at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub targets: Vec<Target>,
    /// Words by which keys can be allowed to call it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub labels: Vec<ModelLabel>,
    /// Prices.
    #[serde(default)]
    pub prices: Prices,
    /// Most output tokens of one answer.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000_000))]
    pub max_output_tokens: Option<u64>,
    /// Most tokens of prompt and answer together.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000_000))]
    pub context_length: Option<u64>,
}

impl NewModel {
    /// Most targets of a model.
    pub const MAX_TARGETS: usize = 20;
    /// Most labels of a model.
    pub const MAX_LABELS: usize = 20;
    const MAX_TOKENS: u64 = 1_000_000_000;

    /// What is wrong with these fields by themselves. Empty when nothing is.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.targets.is_empty() || self.targets.len() > Self::MAX_TARGETS {
            errors.push(FieldError::new("targets", "must be 1 to 20"));
        }
        for (at, target) in self.targets.iter().enumerate() {
            let name = &target.upstream_model;
            if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
                errors.push(FieldError::new(
                    format!("targets[{at}].upstream_model"),
                    "must be 1 to 200 characters: what the provider calls the model",
                ));
            }
            if target.weight == 0 || target.weight > 1_000_000 {
                errors.push(FieldError::new(format!("targets[{at}].weight"), "must be from 1 to 1,000,000"));
            }
        }
        if self.labels.len() > Self::MAX_LABELS {
            errors.push(FieldError::new("labels", "must be at most 20"));
        }
        for (field, value) in
            [("max_output_tokens", self.max_output_tokens), ("context_length", self.context_length)]
        {
            if value.is_some_and(|tokens| tokens == 0 || tokens > Self::MAX_TOKENS) {
                errors.push(FieldError::new(field, "must be from 1 to 1,000,000,000"));
            }
        }
        errors
    }

    /// The model that is asked for.
    pub fn into_model(self) -> Model {
        let Self { name, targets, labels, prices, max_output_tokens, context_length } = self;
        Model { name, targets, labels, prices, max_output_tokens, context_length, from_configuration: false }
    }
}
