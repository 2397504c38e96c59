//! A change of an access rule.

use super::{AccessRule, AccessScope, NewAccessRule};
use crate::id::{ModelPattern, ProviderName};
use crate::limits::RateLimits;
use crate::patch::{given, set};
use serde::{Deserialize, Serialize};

/// What of a rule is to change: a field that is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AccessRuleChange {
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<AccessScope>,
    /// `null`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<ModelPattern>>, max_items = 200))]
    pub allowed_models: Option<Option<Vec<ModelPattern>>>,
    /// All denied models.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub denied_models: Option<Vec<ModelPattern>>,
    /// `null`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<ProviderName>>, max_items = 200))]
    pub allowed_providers: Option<Option<Vec<ProviderName>>>,
    /// All limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<RateLimits>,
}

impl AccessRuleChange {
    /// `rule` with this change, to be checked as a new one is.
    pub fn apply(self, rule: &AccessRule) -> NewAccessRule {
        let AccessRule { scope, allowed_models, denied_models, allowed_providers, rate_limits, .. } =
            rule.clone();
        let mut new = NewAccessRule { scope, allowed_models, denied_models, allowed_providers, rate_limits };
        set(&mut new.scope, self.scope);
        set(&mut new.allowed_models, self.allowed_models);
        set(&mut new.denied_models, self.denied_models);
        set(&mut new.allowed_providers, self.allowed_providers);
        set(&mut new.rate_limits, self.rate_limits);
        new
    }
}
