//! Roles and permissions: one table, enforced by the server and shown on the Roles page.

use serde::{Deserialize, Serialize};

/// What a permission is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Permission {
    /// About what.
    pub resource: Resource,
    /// What.
    pub action: Action,
}

impl Permission {
    /// `resource:action`.
    pub const fn new(resource: Resource, action: Action) -> Self {
        Self { resource, action }
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.resource.as_str(), self.action.as_str())
    }
}

impl Resource {
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
}

impl Action {
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
}

/// The seven roles that every installation has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// Everything.
    SuperAdmin,
    /// Models.
    ModelAdmin,
    /// Providers.
    ProviderAdmin,
    /// MCP profiles and server catalogue.
    McpAdmin,
    /// Users and memberships.
    UserAdmin,
    /// Budgets and usage.
    BillingAdmin,
    /// Console only: own keys, own usage, models that it may call.
    #[default]
    User,
}

impl BuiltInRole {
    /// All, in the order in which pages show them.
    pub const ALL: [Self; 7] = [
        Self::SuperAdmin,
        Self::ModelAdmin,
        Self::ProviderAdmin,
        Self::McpAdmin,
        Self::UserAdmin,
        Self::BillingAdmin,
        Self::User,
    ];

    /// The word everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::ModelAdmin => "model_admin",
            Self::ProviderAdmin => "provider_admin",
            Self::McpAdmin => "mcp_admin",
            Self::UserAdmin => "user_admin",
            Self::BillingAdmin => "billing_admin",
            Self::User => "user",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether this role may do it.
    pub const fn allows(self, permission: Permission) -> bool {
        use {Action as A, Resource as R};
        let Permission { resource, action } = permission;
        match self {
            Self::SuperAdmin => true,
            Self::ModelAdmin => {
                matches!((resource, action), (R::Models, _) | (R::Providers | R::Usage, A::Read))
            }
            Self::ProviderAdmin => {
                matches!((resource, action), (R::Providers, _) | (R::Models | R::Usage, A::Read))
            }
            Self::McpAdmin => matches!(resource, R::Mcp),
            Self::UserAdmin => matches!(
                (resource, action),
                (R::Users | R::Memberships, _)
                    | (R::Tenants | R::Roles | R::Keys | R::Audit | R::Sso, A::Read)
                    | (R::Roles, A::Assign)
                    | (R::Keys, A::Revoke)
            ),
            Self::BillingAdmin => {
                matches!((resource, action), (R::Budgets, _) | (R::Usage | R::Keys | R::Tenants, A::Read))
            }
            Self::User => false,
        }
    }

    /// Whether this role sees any page under `/admin`.
    pub const fn sees_admin(self) -> bool {
        !matches!(self, Self::User)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_admin_revokes_but_does_not_issue() {
        let role = BuiltInRole::UserAdmin;
        assert!(role.allows(Permission::new(Resource::Keys, Action::Revoke)));
        assert!(role.allows(Permission::new(Resource::Keys, Action::Read)));
        assert!(!role.allows(Permission::new(Resource::Keys, Action::Write)));
        assert!(!role.allows(Permission::new(Resource::Audit, Action::Export)));
    }

    #[test]
    fn user_has_no_permission_at_all() {
        for resource in [Resource::Users, Resource::Keys, Resource::Usage, Resource::Settings] {
            assert!(!BuiltInRole::User.allows(Permission::new(resource, Action::Read)));
        }
    }
}
