//! Permissions: which resources there are, and what may be done with each.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// What a permission is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Accounts.
    Users,
    /// Roles.
    Roles,
    /// Who belongs to which tenant.
    Memberships,
    /// Tenants.
    Tenants,
    /// API keys.
    Keys,
    /// Keys of the Admin API.
    ManagementKeys,
    /// Upstreams.
    Providers,
    /// Public model names.
    Models,
    /// Who may call what.
    AccessRules,
    /// Spending limits.
    Budgets,
    /// The usage ledger.
    Usage,
    /// The audit log.
    Audit,
    /// Identity providers and SCIM.
    Sso,
    /// Reserved: no surface yet.
    Mcp,
    /// Reserved: no surface yet.
    Guardrails,
    /// Reserved: no surface yet.
    Workflows,
    /// Everything else.
    Settings,
}

/// What may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See.
    Read,
    /// Create, change, remove.
    Write,
    /// Give a role to somebody.
    Assign,
    /// Take a key back.
    Revoke,
    /// Take data out in bulk.
    Export,
}

/// A permission, written `resource:action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Permission {
    /// About what.
    pub resource: Resource,
    /// What.
    pub action: Action,
}

/// A permission with what it means, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PermissionView {
    /// `resource:action`.
    pub permission: Permission,
    /// About what.
    pub resource: Resource,
    /// What.
    pub action: Action,
    /// What it lets one do: one sentence.
    pub description: String,
    /// Whether it counts in a role that is given for one tenant.
    pub in_tenants: bool,
    /// Whether nothing is behind it yet.
    pub reserved: bool,
}

impl Resource {
    /// All, in the order in which pages show them.
    pub const ALL: [Self; 17] = [
        Self::Users,
        Self::Roles,
        Self::Memberships,
        Self::Tenants,
        Self::Keys,
        Self::ManagementKeys,
        Self::Providers,
        Self::Models,
        Self::AccessRules,
        Self::Budgets,
        Self::Usage,
        Self::Audit,
        Self::Sso,
        Self::Mcp,
        Self::Guardrails,
        Self::Workflows,
        Self::Settings,
    ];

    /// The word in permissions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Roles => "roles",
            Self::Memberships => "memberships",
            Self::Tenants => "tenants",
            Self::Keys => "keys",
            Self::ManagementKeys => "management_keys",
            Self::Providers => "providers",
            Self::Models => "models",
            Self::AccessRules => "access_rules",
            Self::Budgets => "budgets",
            Self::Usage => "usage",
            Self::Audit => "audit",
            Self::Sso => "sso",
            Self::Mcp => "mcp",
            Self::Guardrails => "guardrails",
            Self::Workflows => "workflows",
            Self::Settings => "settings",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.as_str() == text)
    }

    /// What can be done with it: not every pair means something.
    pub const fn actions(self) -> &'static [Action] {
        use Action::{Assign, Export, Read, Revoke, Write};
        match self {
            Self::Roles => &[Read, Write, Assign],
            Self::Keys => &[Read, Write, Revoke],
            Self::Usage | Self::Audit => &[Read, Export],
            _ => &[Read, Write],
        }
    }

    /// Whether there is nothing behind it in this release.
    pub const fn is_reserved(self) -> bool {
        matches!(self, Self::Mcp | Self::Guardrails | Self::Workflows | Self::Settings | Self::Budgets)
    }
}

impl Action {
    /// All.
    pub const ALL: [Self; 5] = [Self::Read, Self::Write, Self::Assign, Self::Revoke, Self::Export];

    /// The word in permissions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Assign => "assign",
            Self::Revoke => "revoke",
            Self::Export => "export",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

impl Permission {
    /// `resource:action`.
    pub const fn new(resource: Resource, action: Action) -> Self {
        Self { resource, action }
    }

    /// All that mean something, in the order of pages.
    pub fn all() -> impl Iterator<Item = Self> {
        Resource::ALL
            .into_iter()
            .flat_map(|resource| resource.actions().iter().map(move |action| Self::new(resource, *action)))
    }

    /// From `resource:action`; `None` for a pair that means nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let (resource, action) = text.split_once(':')?;
        let (resource, action) = (Resource::parse(resource)?, Action::parse(action)?);
        resource.actions().contains(&action).then_some(Self { resource, action })
    }

    /// Whether it can be held for one tenant: its objects belong to tenants. The others are the installation's.
    pub const fn in_tenants(self) -> bool {
        use Resource as R;
        match self.resource {
            R::Users
            | R::Memberships
            | R::Tenants
            | R::Keys
            | R::AccessRules
            | R::Budgets
            | R::Usage
            | R::Audit => true,
            R::Roles => matches!(self.action, Action::Assign),
            R::ManagementKeys
            | R::Providers
            | R::Models
            | R::Sso
            | R::Mcp
            | R::Guardrails
            | R::Workflows
            | R::Settings => false,
        }
    }

    /// With what it means.
    pub fn view(self) -> PermissionView {
        PermissionView {
            permission: self,
            resource: self.resource,
            action: self.action,
            description: self.description().to_owned(),
            in_tenants: self.in_tenants(),
            reserved: self.resource.is_reserved(),
        }
    }

    /// What it lets one do: one sentence.
    pub const fn description(self) -> &'static str {
        use Action::{Assign, Export, Read, Revoke};
        use Resource as R;
        match (self.resource, self.action) {
            (R::Users, Read) => "See accounts, their activity and their sessions.",
            (R::Users, _) => "Create, change, deactivate and offboard accounts; end their sessions.",
            (R::Roles, Read) => "See roles, their permissions and who has them.",
            (R::Roles, Assign) => "Give roles to people and take them away.",
            (R::Roles, _) => "Create, change and delete custom roles.",
            (R::Memberships, Read) => "See who belongs to which tenant.",
            (R::Memberships, _) => "Let people join tenants and take them out; their keys there are revoked.",
            (R::Tenants, Read) => "See tenants.",
            (R::Tenants, _) => "Create, change, suspend, activate and delete tenants.",
            (R::Keys, Read) => "See everybody's API keys, never their secrets.",
            (R::Keys, Revoke) => "Revoke API keys for good.",
            (R::Keys, _) => "Issue, change and rotate API keys for anybody.",
            (R::ManagementKeys, Read) => "See the keys of the Admin API, never their secrets.",
            (R::ManagementKeys, _) => "Issue and revoke keys of the Admin API.",
            (R::Providers, Read) => "See providers, never their credentials.",
            (R::Providers, _) => "Create, change, test and remove providers.",
            (R::Models, Read) => "See models, their targets and prices.",
            (R::Models, _) => "Create, change and remove models.",
            (R::AccessRules, Read) => "See access rules.",
            (R::AccessRules, _) => "Create, change and remove access rules.",
            (R::Budgets, Read) => "See budgets.",
            (R::Budgets, _) => "Create, change and remove budgets.",
            (R::Usage, Export) => "Export usage.",
            (R::Usage, _) => "See usage and spend.",
            (R::Audit, Export) => "Export the audit log.",
            (R::Audit, _) => "See the audit log.",
            (R::Sso, Read) => "See identity providers and their mappings.",
            (R::Sso, _) => "Change identity providers, their mappings and SCIM.",
            (R::Settings, Read) => "See the installation's settings.",
            (R::Settings, _) => "Change the installation's settings.",
            (R::Mcp | R::Guardrails | R::Workflows, _) => "Reserved: nothing in this release.",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource.as_str(), self.action.as_str())
    }
}

impl FromStr for Permission {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or("must be a permission such as keys:read")
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_that_means_something_is_parsed_and_described() {
        let all: Vec<_> = Permission::all().collect();
        assert_eq!(all.len(), 36);
        for permission in &all {
            assert_eq!(Permission::parse(&permission.to_string()), Some(*permission));
            assert!(permission.description().ends_with('.'), "{permission}");
        }
        for nonsense in
            ["", ":", "keys", "keys:*", "keys:export", "audit:write", "Keys:read", "keys:read ", "a:b:c"]
        {
            assert_eq!(Permission::parse(nonsense), None, "{nonsense}");
        }
    }
}
