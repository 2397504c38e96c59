//! Changing a key: its fields, and its secret.

use super::check::{check_fields, check_scope};
use super::{ApiKey, Tags};
use crate::api_action::ApiAction;
use crate::catalog::ModelLabel;
use crate::error::FieldError;
use crate::id::{ModelPattern, ProviderName, UserPath};
use crate::identity::IdentityRules;
use crate::ip_range::IpRange;
use crate::limits::RateLimits;
use crate::patch::{given, set};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What of a key is to change: a field that is left out stays as it is, `null` takes it away where
/// there can be nothing. Kind, environment,
/// tenant and owner never change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct KeyChange {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Description>))]
    pub description: Option<Option<String>>,
    /// User path.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<UserPath>))]
    pub user_path: Option<Option<UserPath>>,
    /// All bound tags.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::KeyTags))]
    pub tags: Option<Tags>,
    /// `null`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<ApiAction>>, max_items = 200))]
    pub allowed_actions: Option<Option<Vec<ApiAction>>>,
    /// `null`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<ModelPattern>>, max_items = 200))]
    pub allowed_models: Option<Option<Vec<ModelPattern>>>,
    /// All denied models.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<ModelPattern>, max_items = 200))]
    pub denied_models: Option<Vec<ModelPattern>>,
    /// `null`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<ModelLabel>>, max_items = 200))]
    pub allowed_model_labels: Option<Option<Vec<ModelLabel>>>,
    /// `null`: all; empty: none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<ProviderName>>, max_items = 200))]
    pub allowed_providers: Option<Option<Vec<ProviderName>>>,
    /// `null`: from everywhere; empty: from nowhere.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<IpRange>>, max_items = 200))]
    pub allowed_ips: Option<Option<Vec<IpRange>>>,
    /// All limits.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = RateLimits))]
    pub rate_limits: Option<RateLimits>,
    /// All identity rules.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = IdentityRules))]
    pub identity: Option<IdentityRules>,
    /// Whether each request must name its conversation.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = bool))]
    pub require_conversation_id: Option<bool>,
    /// `null`: never.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
}

impl KeyChange {
    /// Changes `key`; gives what is wrong with the result by itself. Empty when nothing is.
    pub fn apply(self, key: &mut ApiKey, now: Timestamp) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.expires_at.flatten().is_some_and(|end| end <= now) {
            errors.push(FieldError::new("expires_at", "must be in the future; to end a key now, revoke it"));
        }
        set(&mut key.name, self.name);
        set(&mut key.description, self.description.map(|text| text.filter(|text| !text.is_empty())));
        set(&mut key.user_path, self.user_path);
        set(&mut key.tags, self.tags);
        let scope = &mut key.scope;
        set(&mut scope.allowed_actions, self.allowed_actions);
        set(&mut scope.allowed_models, self.allowed_models);
        set(&mut scope.denied_models, self.denied_models);
        set(&mut scope.allowed_model_labels, self.allowed_model_labels);
        set(&mut scope.allowed_providers, self.allowed_providers);
        set(&mut scope.allowed_ips, self.allowed_ips);
        set(&mut scope.rate_limits, self.rate_limits);
        set(&mut scope.identity, self.identity);
        set(&mut scope.require_conversation_id, self.require_conversation_id);
        set(&mut key.expires_at, self.expires_at);
        check_fields(&mut errors, &key.name, key.description.as_deref(), &key.tags);
        check_scope(&mut errors, key.kind, &key.scope);
        errors
    }
}

/// How long a rotated key's old secret still works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Grace {
    /// Not at all: requests that used it are cut.
    #[serde(rename = "0")]
    None,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// A day.
    #[default]
    #[serde(rename = "24h")]
    Day,
    /// A week.
    #[serde(rename = "7d")]
    Week,
}

impl Grace {
    /// All, shortest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Hour, Self::Day, Self::Week];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
        }
    }

    /// How long.
    pub const fn duration(self) -> Duration {
        Duration::from_hours(match self {
            Self::None => 0,
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
        })
    }
}

/// What a caller may say of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RotateKey {
    /// How long the old secret still works: `0`, `1h`, `24h` (when left out) or `7d`.
    pub grace: Grace,
}
