//! Who looks at the page: loaded once at the top, for the layout and its guards.

use crate::error::AppError;
use leptos::prelude::*;
use model::Timestamp;
use model::role::{Action, Permission, Resource as About, Rights};
use model::tenant::Tenant;
use model::user::User;
use serde::{Deserialize, Serialize};

/// The person who is signed in, and what every page needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The account.
    pub user: User,
    /// What it may do.
    pub rights: Rights,
    /// Tenants that they may choose from: all for those who may read tenants, else their own.
    pub tenants: Vec<Tenant>,
    /// Where clients call the gateway, without a slash at its end.
    pub base_url: String,
    /// The server's clock when the page was made.
    pub now: Timestamp,
    /// Whether they have to enrol a second factor before anything else; then they have no rights yet.
    pub must_enrol: bool,
}

impl Viewer {
    /// Whether they have the permission, everywhere or in a tenant. Comfort only: the server checks each call.
    pub fn may(&self, permission: Permission) -> bool {
        self.rights.may_somewhere(permission)
    }
}

/// `None`: nobody is signed in.
pub type ViewerResource = Resource<Result<Option<Viewer>, AppError>>;

/// The viewer, loaded by [`crate::App`].
pub fn use_viewer() -> ViewerResource {
    expect_context()
}

/// Whether the viewer has the permission, everywhere or in a tenant. Comfort only: the server checks each call.
pub async fn may(viewer: ViewerResource, permission: Permission) -> bool {
    viewer.await.is_ok_and(|viewer| viewer.is_some_and(|viewer| viewer.may(permission)))
}

/// A value with the server's time at which it was read: times are shown relative to that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated<T> {
    /// When it was read.
    pub now: Timestamp,
    /// What was read.
    pub data: T,
}

/// How light the page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];
    /// The cookie that keeps the choice in this browser. It holds no secret, and scripts write it.
    pub const COOKIE: &'static str = "theme";

    /// The word in the cookie and on `<html data-theme>`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// What this browser chose: from the cookie on the server, from the document in the browser.
    pub fn of_request() -> Self {
        #[cfg(feature = "ssr")]
        let chosen = crate::edge::cookie(Self::COOKIE);
        #[cfg(not(feature = "ssr"))]
        let chosen = crate::browser::root().and_then(|root| root.get_attribute("data-theme"));
        chosen.and_then(|text| Self::parse(&text)).unwrap_or_default()
    }
}

/// Reads users.
pub const USERS_READ: Permission = Permission::new(About::Users, Action::Read);
/// Makes, changes, deactivates and offboards accounts.
pub const USERS_WRITE: Permission = Permission::new(About::Users, Action::Write);
/// Reads roles.
pub const ROLES_READ: Permission = Permission::new(About::Roles, Action::Read);
/// Makes, changes and deletes custom roles.
pub const ROLES_WRITE: Permission = Permission::new(About::Roles, Action::Write);
/// Gives roles to people and takes them away.
pub const ROLES_ASSIGN: Permission = Permission::new(About::Roles, Action::Assign);
/// Lets people join tenants and takes them out.
pub const MEMBERSHIPS_WRITE: Permission = Permission::new(About::Memberships, Action::Write);
/// Reads keys of everybody.
pub const KEYS_READ: Permission = Permission::new(About::Keys, Action::Read);
/// Issues keys to anybody, changes and rotates keys of others.
pub const KEYS_WRITE: Permission = Permission::new(About::Keys, Action::Write);
/// Revokes keys of others.
pub const KEYS_REVOKE: Permission = Permission::new(About::Keys, Action::Revoke);
/// Reads keys of the Admin API.
pub const MANAGEMENT_KEYS_READ: Permission = Permission::new(About::ManagementKeys, Action::Read);
/// Makes and revokes keys of the Admin API.
pub const MANAGEMENT_KEYS_WRITE: Permission = Permission::new(About::ManagementKeys, Action::Write);
/// Reads tenants.
pub const TENANTS_READ: Permission = Permission::new(About::Tenants, Action::Read);
/// Makes, changes, suspends and deletes tenants.
pub const TENANTS_WRITE: Permission = Permission::new(About::Tenants, Action::Write);
/// Reads identity providers, SCIM clients and the provisioning log.
pub const SSO_READ: Permission = Permission::new(About::Sso, Action::Read);
/// Makes, changes and removes identity providers and SCIM clients.
pub const SSO_WRITE: Permission = Permission::new(About::Sso, Action::Write);
/// Reads usage of everybody.
pub const USAGE_READ: Permission = Permission::new(About::Usage, Action::Read);

/// Reads providers.
pub const PROVIDERS_READ: Permission = Permission::new(About::Providers, Action::Read);
/// Makes, changes, tests and removes providers.
pub const PROVIDERS_WRITE: Permission = Permission::new(About::Providers, Action::Write);
/// Reads models.
pub const MODELS_READ: Permission = Permission::new(About::Models, Action::Read);
/// Makes, changes and removes models.
pub const MODELS_WRITE: Permission = Permission::new(About::Models, Action::Write);
/// Reads access rules.
pub const ACCESS_RULES_READ: Permission = Permission::new(About::AccessRules, Action::Read);
/// Makes, changes and removes access rules.
pub const ACCESS_RULES_WRITE: Permission = Permission::new(About::AccessRules, Action::Write);

/// Reads the audit log.
pub const AUDIT_READ: Permission = Permission::new(About::Audit, Action::Read);
/// Takes the audit log out.
pub const AUDIT_EXPORT: Permission = Permission::new(About::Audit, Action::Export);

/// Where somebody is led who has to enrol a second factor before anything else.
pub const ENROL: &str = "/second-factor";

/// The page that somebody with these rights lands on.
pub fn home_of(rights: &Rights) -> &'static str {
    if rights.may_somewhere(USAGE_READ) {
        "/admin/dashboard"
    } else if rights.may_somewhere(USERS_READ) {
        "/admin/users"
    } else {
        "/console"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::role::BuiltInRole;
    use std::collections::BTreeMap;

    #[test]
    fn every_role_lands_on_a_page_that_it_may_see() {
        let home_of = |role: BuiltInRole| home_of(&Rights::resolve(&role.into(), &[], &BTreeMap::new()));
        assert_eq!(home_of(BuiltInRole::SuperAdmin), "/admin/dashboard");
        assert_eq!(home_of(BuiltInRole::BillingAdmin), "/admin/dashboard");
        assert_eq!(home_of(BuiltInRole::UserAdmin), "/admin/users");
        assert_eq!(home_of(BuiltInRole::McpAdmin), "/console");
        assert_eq!(home_of(BuiltInRole::User), "/console");
    }
}
