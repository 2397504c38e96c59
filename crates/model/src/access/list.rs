//! Access rules in lists.

use super::AccessRule;
use serde::{Deserialize, Serialize};

/// The kinds of scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessScopeType {
    /// A tenant.
    Tenant,
    /// A user.
    User,
    /// A user path and all below.
    UserPath,
}

impl AccessScopeType {
    /// All of them, in the order in which forms show them.
    pub const ALL: [Self; 3] = [Self::Tenant, Self::User, Self::UserPath];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::UserPath => "user_path",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Which rules a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessRuleFilter {
    /// Search text: the scope's value and name, models, providers.
    pub q: Option<String>,
    /// Rules about this kind of scope.
    pub scope_type: Option<AccessScopeType>,
    /// Rules about exactly this tenant, user or path.
    pub scope_value: Option<String>,
}

/// A rule as lists and pages show it. Flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessRuleView {
    /// The rule.
    #[serde(flatten)]
    pub rule: AccessRule,
    /// The tenant's name or the user's e-mail address; `None` for a path, or when the scope is gone.
    pub scope_name: Option<String>,
}
