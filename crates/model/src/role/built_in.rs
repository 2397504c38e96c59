//! The roles that every installation has.

use super::permission::{Action as A, Permission, Resource as R};
use super::set::PermissionSet;
use serde::{Deserialize, Serialize};

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

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super admin",
            Self::ModelAdmin => "Model admin",
            Self::ProviderAdmin => "Provider admin",
            Self::McpAdmin => "MCP admin",
            Self::UserAdmin => "User admin",
            Self::BillingAdmin => "Billing admin",
            Self::User => "User",
        }
    }

    /// What it is for: one sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Everything.",
            Self::ModelAdmin => "Models, their targets and prices.",
            Self::ProviderAdmin => "Providers and their credentials.",
            Self::McpAdmin => "MCP profiles and server catalogue; nothing is behind it in this release.",
            Self::UserAdmin => "People: accounts, memberships, roles; sees and revokes their keys.",
            Self::BillingAdmin => "Budgets and usage.",
            Self::User => "The Console only: own keys, own usage, the models that they may call.",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// What it may do: the table.
    pub const fn permissions(self) -> PermissionSet {
        let none = PermissionSet::NONE;
        match self {
            Self::SuperAdmin => PermissionSet::ALL,
            Self::ModelAdmin => none.with_all(R::Models).with(R::Providers, A::Read).with(R::Usage, A::Read),
            Self::ProviderAdmin => {
                none.with_all(R::Providers).with(R::Models, A::Read).with(R::Usage, A::Read)
            }
            Self::McpAdmin => none.with_all(R::Mcp),
            Self::UserAdmin => none
                .with_all(R::Users)
                .with_all(R::Memberships)
                .with(R::Tenants, A::Read)
                .with(R::Roles, A::Read)
                .with(R::Roles, A::Assign)
                .with(R::Keys, A::Read)
                .with(R::Keys, A::Revoke)
                .with(R::Audit, A::Read)
                .with(R::Sso, A::Read),
            Self::BillingAdmin => none
                .with_all(R::Budgets)
                .with(R::Usage, A::Read)
                .with(R::Keys, A::Read)
                .with(R::Tenants, A::Read),
            Self::User => none,
        }
    }

    /// Whether this role may do it.
    pub const fn allows(self, permission: Permission) -> bool {
        self.permissions().contains(permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_admin_revokes_but_does_not_issue() {
        let role = BuiltInRole::UserAdmin;
        assert!(role.allows(Permission::new(R::Keys, A::Revoke)));
        assert!(role.allows(Permission::new(R::Keys, A::Read)));
        assert!(!role.allows(Permission::new(R::Keys, A::Write)));
        assert!(!role.allows(Permission::new(R::Audit, A::Export)));
    }

    #[test]
    fn the_table_says_what_the_specification_says() {
        let words = |role: BuiltInRole| serde_json::to_string(&role.permissions()).unwrap();
        assert_eq!(words(BuiltInRole::User), "[]");
        assert_eq!(BuiltInRole::SuperAdmin.permissions(), PermissionSet::ALL);
        let rest = [
            (BuiltInRole::ModelAdmin, r#"["models:*","providers:read","usage:read"]"#),
            (BuiltInRole::ProviderAdmin, r#"["providers:*","models:read","usage:read"]"#),
            (BuiltInRole::McpAdmin, r#"["mcp:*"]"#),
            (
                BuiltInRole::UserAdmin,
                r#"["users:*","tenants:read","memberships:*","roles:read","roles:assign","keys:read","keys:revoke",
                    "audit:read","sso:read"]"#,
            ),
            (BuiltInRole::BillingAdmin, r#"["usage:read","budgets:*","keys:read","tenants:read"]"#),
        ];
        for (role, specified) in rest {
            assert_eq!(role.permissions(), serde_json::from_str(specified).unwrap(), "{role:?}");
        }
    }
}
