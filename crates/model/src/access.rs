//! Access rules: what a tenant, a user or everything below a user path may call. All that match must permit.

mod change;
mod list;
mod may_call;

pub use change::AccessRuleChange;
pub use list::{AccessRuleFilter, AccessRuleView, AccessScopeType};
pub use may_call::{Asking, Refusal, Verdict, may_call};

use crate::error::FieldError;
use crate::id::{AccessRuleId, ModelPattern, ProviderName, TenantId, UserId, UserPath};
use crate::key::NewKey;
use crate::limits::RateLimits;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whom a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "value", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccessScope {
    /// Every key of a tenant.
    Tenant(TenantId),
    /// Every key of a user.
    User(UserId),
    /// Every key whose user path is this one or below it: `/team` covers `/team/alpha`, not `/teams`.
    UserPath(UserPath),
}

impl AccessScope {
    /// `tenant`, `user` or `user_path`.
    pub const fn kind(&self) -> &'static str {
        let kind = match self {
            Self::Tenant(_) => AccessScopeType::Tenant,
            Self::User(_) => AccessScopeType::User,
            Self::UserPath(_) => AccessScopeType::UserPath,
        };
        kind.as_str()
    }

    /// Whether a key of this tenant, owner and path is meant.
    pub fn covers(&self, tenant: &TenantId, owner: Option<&UserId>, path: Option<&UserPath>) -> bool {
        match self {
            Self::Tenant(id) => id == tenant,
            Self::User(id) => owner == Some(id),
            Self::UserPath(above) => path.is_some_and(|path| above.covers(path)),
        }
    }

    /// The tenant's slug, the user's id or the path.
    pub fn value(&self) -> &str {
        match self {
            Self::Tenant(id) => id.as_str(),
            Self::User(id) => id.as_str(),
            Self::UserPath(path) => path.as_str(),
        }
    }

    /// From the two words; `None` when the value isn't of that kind.
    pub fn from_parts(kind: &str, value: &str) -> Option<Self> {
        match kind {
            "tenant" => value.parse().ok().map(Self::Tenant),
            "user" => value.parse().ok().map(Self::User),
            "user_path" => value.parse().ok().map(Self::UserPath),
            _ => None,
        }
    }
}

/// A rule. Its rate limits are shared by all requests that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessRule {
    /// Id.
    pub id: AccessRuleId,
    /// Whom it is about. Several rules may be about the same.
    pub scope: AccessScope,
    /// `null`: all; empty: none.
    pub allowed_models: Option<Vec<ModelPattern>>,
    /// Wins over everything that allows.
    pub denied_models: Vec<ModelPattern>,
    /// `null`: all; empty: none.
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// Limits.
    pub rate_limits: RateLimits,
    /// Set by who may do so everywhere: who may only in its tenant can't change or remove it.
    #[serde(default)]
    pub locked: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom (an actor's label).
    pub created_by: String,
}

impl AccessRule {
    /// Whether it lets this model through.
    pub fn permits_model(&self, name: &str) -> bool {
        self.allowed_models.as_ref().is_none_or(|allowed| allowed.iter().any(|pattern| pattern.matches(name)))
            && !self.denied_models.iter().any(|pattern| pattern.matches(name))
    }

    /// Whether it lets this provider answer.
    pub fn permits_provider(&self, name: &ProviderName) -> bool {
        self.allowed_providers.as_ref().is_none_or(|allowed| allowed.contains(name))
    }
}

/// What a caller may say of a new rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAccessRule {
    /// Whom it is about.
    pub scope: AccessScope,
    /// Left out: all; empty: none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_models: Option<Vec<ModelPattern>>,
    /// Wins over everything that allows.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub denied_models: Vec<ModelPattern>,
    /// Left out: all; empty: none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub allowed_providers: Option<Vec<ProviderName>>,
    /// Limits.
    #[serde(default)]
    pub rate_limits: RateLimits,
}

impl NewAccessRule {
    /// What is wrong with these fields by themselves. Empty when nothing is.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = self.rate_limits.check("rate_limits");
        let lists = [
            ("allowed_models", self.allowed_models.as_ref().map_or(0, Vec::len)),
            ("denied_models", self.denied_models.len()),
            ("allowed_providers", self.allowed_providers.as_ref().map_or(0, Vec::len)),
        ];
        for (field, count) in lists {
            if count > NewKey::MAX_ENTRIES {
                errors.push(FieldError::new(field, format!("must be at most {}", NewKey::MAX_ENTRIES)));
            }
        }
        let permits_all = self.allowed_models.is_none()
            && self.denied_models.is_empty()
            && self.allowed_providers.is_none()
            && self.rate_limits.is_unlimited();
        if permits_all {
            errors.push(FieldError::new(
                "allowed_models",
                "this rule restricts nothing: give allowed_models, denied_models, allowed_providers or rate_limits",
            ));
        }
        errors
    }

    /// The rule that is asked for.
    pub fn into_rule(
        self,
        id: AccessRuleId,
        locked: bool,
        created_at: Timestamp,
        created_by: String,
    ) -> AccessRule {
        let Self { scope, allowed_models, denied_models, allowed_providers, rate_limits } = self;
        AccessRule {
            id,
            scope,
            allowed_models,
            denied_models,
            allowed_providers,
            rate_limits,
            locked,
            created_at,
            created_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_own_and_what_is_below() {
        let (tenant, user) = ("team-alpha".parse().unwrap(), "usr_0123456789abcdef".parse().unwrap());
        let path = "/team/alpha".parse().unwrap();
        let covers = |kind, value| {
            AccessScope::from_parts(kind, value).unwrap().covers(&tenant, Some(&user), Some(&path))
        };
        assert!(covers("tenant", "team-alpha") && !covers("tenant", "team"));
        assert!(covers("user", "usr_0123456789abcdef") && !covers("user", "usr_0123456789abcdeF"));
        assert!(covers("user_path", "/team") && covers("user_path", "/team/alpha"));
        assert!(!covers("user_path", "/team/al") && !covers("user_path", "/team/alpha/service"));
        let user = AccessScope::User(user);
        let path = AccessScope::UserPath(path);
        assert!(!user.covers(&tenant, None, None) && !path.covers(&tenant, None, None));
    }
}
