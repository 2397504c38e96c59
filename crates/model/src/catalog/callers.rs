//! Who may call a model.

use crate::access::AccessRule;
use crate::id::ProviderName;
use crate::id::{KeyId, TenantId};
use crate::key::{Environment, KeyView};
use crate::page::Total;
use serde::{Deserialize, Serialize};

/// The answer to "who may call this model": the rules that narrow it, and the keys that are left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelCallers {
    /// Working keys whose own bounds permit the model, whatever access rules say. On the first page only; `capped` when
    /// there are more keys than were looked at.
    pub own_bounds_permit: Option<Total>,
    /// The access rules that forbid the model or narrow its providers. Each is about its scope only.
    pub rules: Vec<RuleEffect>,
    /// Working keys that may call it, by id. A page can be short, even empty, and have a next one: only so many keys are
    /// looked at for each.
    pub items: Vec<CallingKey>,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
    /// Permissions that the caller lacks to see everything: `keys:read` for `items`, `access_rules:read` for `rules`.
    pub withheld: Vec<String>,
}

/// What an access rule does to a model, for the keys in its scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleEffect {
    /// The rule.
    pub rule: AccessRule,
    /// Which of the model's providers it leaves; none: the model can't be called at all.
    pub providers: Vec<ProviderName>,
}

/// A key that may call the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallingKey {
    /// The public id.
    pub id: KeyId,
    /// Name.
    pub name: String,
    /// The first characters.
    pub prefix: String,
    /// Sandbox or production.
    pub environment: Environment,
    /// Tenant slug.
    pub tenant_id: TenantId,
    /// The owner's e-mail address; `None` for a service key.
    pub owner_email: Option<String>,
    /// The providers that may answer it.
    pub providers: Vec<ProviderName>,
}

impl CallingKey {
    /// The line of `key`.
    pub fn new(key: KeyView, providers: Vec<ProviderName>) -> Self {
        let KeyView { id, name, prefix, environment, tenant_id, owner_email, .. } = key;
        Self { id, name, prefix, environment, tenant_id, owner_email, providers }
    }
}
