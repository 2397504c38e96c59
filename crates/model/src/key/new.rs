//! What a caller may say of a new key.

use super::check::{check_fields, check_scope};
use super::{Environment, KeyKind, KeyScope, Tags};
use crate::api_action::ApiAction;
use crate::catalog::ModelLabel;
use crate::error::FieldError;
use crate::id::{ModelPattern, ProviderName, TenantId, UserPath};
use crate::identity::IdentityRules;
use crate::ip_range::IpRange;
use crate::limits::RateLimits;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a caller may say of a new key. Unknown and server-owned fields are refused. The fields of [`KeyScope`] stand
/// beside the others, one by one: serde can't refuse unknown fields of what it flattens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NewKey {
    /// Name, 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name, required = true))]
    pub name: String,
    /// Up to 1,000 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Description>))]
    pub description: Option<String>,
    /// Restricted when left out.
    pub kind: KeyKind,
    /// Production when left out.
    pub environment: Environment,
    /// Tenant slug; `default` when left out.
    pub tenant_id: Option<TenantId>,
    /// A user's id or e-mail address; left out: the tenant owns the key.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Owner>))]
    pub owner: Option<String>,
    /// User path.
    pub user_path: Option<UserPath>,
    /// Bound tags.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::KeyTags))]
    pub tags: Tags,
    /// Left out: all; empty: none.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_actions: Option<Vec<ApiAction>>,
    /// Left out: all; empty: none.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_models: Option<Vec<ModelPattern>>,
    /// Wins over everything that allows.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub denied_models: Vec<ModelPattern>,
    /// Left out: all; empty: none.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_model_labels: Option<Vec<ModelLabel>>,
    /// Left out: all; empty: none.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// Left out: from everywhere; empty: from nowhere.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_ips: Option<Vec<IpRange>>,
    /// Limits.
    pub rate_limits: RateLimits,
    /// Who may be behind its requests.
    pub identity: IdentityRules,
    /// Whether each request must name its conversation.
    pub require_conversation_id: bool,
    /// Expiry, in the future.
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// Longest name in characters.
    pub const MAX_NAME: usize = 100;
    /// Longest description in characters.
    pub const MAX_DESCRIPTION: usize = 1_000;
    /// Most tags on one key.
    pub const MAX_TAGS: usize = 50;
    /// Most entries of each of a key's lists.
    pub const MAX_ENTRIES: usize = 200;

    /// The bounds of the key that is asked for.
    pub fn scope(&self) -> KeyScope {
        KeyScope {
            allowed_actions: self.allowed_actions.clone(),
            allowed_models: self.allowed_models.clone(),
            denied_models: self.denied_models.clone(),
            allowed_model_labels: self.allowed_model_labels.clone(),
            allowed_providers: self.allowed_providers.clone(),
            allowed_ips: self.allowed_ips.clone(),
            rate_limits: self.rate_limits,
            identity: self.identity.clone(),
            require_conversation_id: self.require_conversation_id,
        }
    }

    /// What is wrong with these fields by themselves, without looking anything up. Empty when nothing is.
    pub fn check(&self, now: Timestamp) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_fields(&mut errors, &self.name, self.description.as_deref(), &self.tags);
        if self.expires_at.is_some_and(|end| end <= now) {
            errors.push(FieldError::new("expires_at", "must be in the future"));
        }
        if self.kind == KeyKind::Standard && self.owner.is_some() {
            errors.push(FieldError::new("owner", "a standard key is owned by its tenant; leave this out"));
        }
        check_scope(&mut errors, self.kind, &self.scope());
        errors
    }
}
