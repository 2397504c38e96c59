//! The inventory: every route of the Admin API with the permission that it needs. A route without a row fails the tests.

use model::role::{Action, Permission, Resource};
use reqwest::Method;

pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) needs: Permission,
}

const fn needs(resource: Resource, action: Action) -> Permission {
    Permission::new(resource, action)
}

pub(super) const READ_KEYS: Permission = needs(Resource::Keys, Action::Read);
const WRITE_KEYS: Permission = needs(Resource::Keys, Action::Write);
const REVOKE_KEYS: Permission = needs(Resource::Keys, Action::Revoke);
const READ_AUDIT: Permission = needs(Resource::Audit, Action::Read);
const WRITE_TENANTS: Permission = needs(Resource::Tenants, Action::Write);

const READ_ROLES: Permission = needs(Resource::Roles, Action::Read);
const WRITE_ROLES: Permission = needs(Resource::Roles, Action::Write);
const ASSIGN: Permission = needs(Resource::Roles, Action::Assign);
const WRITE_MEMBERSHIPS: Permission = needs(Resource::Memberships, Action::Write);

const READ_USERS: Permission = needs(Resource::Users, Action::Read);
const WRITE_USERS: Permission = needs(Resource::Users, Action::Write);
const READ_MANAGEMENT: Permission = needs(Resource::ManagementKeys, Action::Read);
const WRITE_MANAGEMENT: Permission = needs(Resource::ManagementKeys, Action::Write);
const READ_SSO: Permission = needs(Resource::Sso, Action::Read);
const WRITE_SSO: Permission = needs(Resource::Sso, Action::Write);

pub(crate) const ROUTES: [Route; 89] = [
    Route { method: Method::GET, path: "/tenants", needs: needs(Resource::Tenants, Action::Read) },
    Route { method: Method::POST, path: "/tenants", needs: WRITE_TENANTS },
    Route { method: Method::GET, path: "/tenants/{id}", needs: needs(Resource::Tenants, Action::Read) },
    Route { method: Method::PATCH, path: "/tenants/{id}", needs: WRITE_TENANTS },
    Route { method: Method::GET, path: "/tenants/{id}/holdings", needs: WRITE_TENANTS },
    Route { method: Method::POST, path: "/tenants/{id}/suspend", needs: WRITE_TENANTS },
    Route { method: Method::POST, path: "/tenants/{id}/activate", needs: WRITE_TENANTS },
    Route { method: Method::GET, path: "/audit", needs: READ_AUDIT },
    Route { method: Method::GET, path: "/audit/{seq}", needs: READ_AUDIT },
    Route { method: Method::GET, path: "/audit/verify", needs: READ_AUDIT },
    Route { method: Method::GET, path: "/audit/export", needs: needs(Resource::Audit, Action::Export) },
    Route { method: Method::GET, path: "/auth-keys", needs: READ_KEYS },
    Route { method: Method::POST, path: "/auth-keys", needs: WRITE_KEYS },
    Route { method: Method::GET, path: "/auth-keys/{id}", needs: READ_KEYS },
    Route { method: Method::PATCH, path: "/auth-keys/{id}", needs: WRITE_KEYS },
    Route { method: Method::DELETE, path: "/auth-keys/{id}", needs: REVOKE_KEYS },
    Route { method: Method::POST, path: "/auth-keys/{id}/revoke", needs: REVOKE_KEYS },
    Route { method: Method::POST, path: "/auth-keys/{id}/deactivate", needs: REVOKE_KEYS },
    Route { method: Method::POST, path: "/auth-keys/{id}/rotate", needs: WRITE_KEYS },
    Route { method: Method::GET, path: "/auth-keys/{id}/stats", needs: READ_KEYS },
    Route { method: Method::GET, path: "/users", needs: READ_USERS },
    Route { method: Method::POST, path: "/users", needs: WRITE_USERS },
    Route { method: Method::GET, path: "/users/export", needs: READ_USERS },
    Route { method: Method::POST, path: "/users/bulk/status", needs: WRITE_USERS },
    Route { method: Method::POST, path: "/users/bulk/offboard", needs: WRITE_USERS },
    Route { method: Method::GET, path: "/users/{id}", needs: READ_USERS },
    Route { method: Method::GET, path: "/users/{id}/activity", needs: READ_USERS },
    Route { method: Method::POST, path: "/users/{id}/invite", needs: WRITE_USERS },
    Route { method: Method::POST, path: "/users/{id}/reset-link", needs: WRITE_USERS },
    Route { method: Method::DELETE, path: "/users/{id}/second-factor", needs: WRITE_USERS },
    Route { method: Method::GET, path: "/users/{id}/sessions", needs: READ_USERS },
    Route { method: Method::DELETE, path: "/users/{id}/sessions", needs: WRITE_USERS },
    Route { method: Method::DELETE, path: "/users/{id}/sessions/{session_id}", needs: WRITE_USERS },
    Route { method: Method::GET, path: "/users/{id}/identities", needs: READ_USERS },
    Route { method: Method::DELETE, path: "/users/{id}/identities/{identity_id}", needs: WRITE_USERS },
    Route { method: Method::GET, path: "/identity-providers", needs: READ_SSO },
    Route { method: Method::POST, path: "/identity-providers", needs: WRITE_SSO },
    Route { method: Method::GET, path: "/identity-providers/{name}", needs: READ_SSO },
    Route { method: Method::PATCH, path: "/identity-providers/{name}", needs: WRITE_SSO },
    Route { method: Method::POST, path: "/identity-providers/{name}/check", needs: WRITE_SSO },
    Route { method: Method::DELETE, path: "/identity-providers/{name}", needs: WRITE_SSO },
    Route { method: Method::GET, path: "/users/{id}/offboard", needs: WRITE_USERS },
    Route { method: Method::POST, path: "/users/{id}/offboard", needs: WRITE_USERS },
    Route { method: Method::PATCH, path: "/users/{id}", needs: WRITE_USERS },
    Route { method: Method::GET, path: "/management-keys", needs: READ_MANAGEMENT },
    Route { method: Method::POST, path: "/management-keys", needs: WRITE_MANAGEMENT },
    Route { method: Method::GET, path: "/management-keys/{id}", needs: READ_MANAGEMENT },
    Route { method: Method::DELETE, path: "/management-keys/{id}", needs: WRITE_MANAGEMENT },
    Route { method: Method::POST, path: "/management-keys/{id}/revoke", needs: WRITE_MANAGEMENT },
    Route { method: Method::GET, path: "/scim-clients", needs: READ_SSO },
    Route { method: Method::POST, path: "/scim-clients", needs: WRITE_SSO },
    Route { method: Method::GET, path: "/scim-clients/{id}", needs: READ_SSO },
    Route { method: Method::DELETE, path: "/scim-clients/{id}", needs: WRITE_SSO },
    Route { method: Method::POST, path: "/scim-clients/{id}/revoke", needs: WRITE_SSO },
    Route { method: Method::GET, path: "/provisioning-log", needs: READ_SSO },
    Route { method: Method::PUT, path: "/users/{id}/role", needs: ASSIGN },
    Route {
        method: Method::GET,
        path: "/users/{id}/assignments",
        needs: needs(Resource::Users, Action::Read),
    },
    Route { method: Method::POST, path: "/users/{id}/assignments", needs: ASSIGN },
    Route { method: Method::DELETE, path: "/users/{id}/assignments/{tenant_id}/{role}", needs: ASSIGN },
    Route { method: Method::GET, path: "/memberships", needs: needs(Resource::Memberships, Action::Read) },
    Route { method: Method::POST, path: "/memberships", needs: WRITE_MEMBERSHIPS },
    Route { method: Method::DELETE, path: "/memberships/{user_id}/{tenant_id}", needs: WRITE_MEMBERSHIPS },
    Route { method: Method::GET, path: "/permissions", needs: READ_ROLES },
    Route { method: Method::GET, path: "/role-mappings", needs: READ_SSO },
    Route { method: Method::PUT, path: "/role-mappings", needs: WRITE_SSO },
    Route {
        method: Method::POST,
        path: "/role-mappings/simulate",
        needs: needs(Resource::Sso, Action::Read),
    },
    Route { method: Method::GET, path: "/roles", needs: READ_ROLES },
    Route { method: Method::POST, path: "/roles", needs: WRITE_ROLES },
    Route { method: Method::GET, path: "/roles/{name}", needs: READ_ROLES },
    Route { method: Method::PATCH, path: "/roles/{name}", needs: WRITE_ROLES },
    Route { method: Method::DELETE, path: "/roles/{name}", needs: WRITE_ROLES },
    Route { method: Method::GET, path: "/providers", needs: needs(Resource::Providers, Action::Read) },
    Route { method: Method::POST, path: "/providers", needs: needs(Resource::Providers, Action::Write) },
    Route { method: Method::GET, path: "/providers/{name}", needs: needs(Resource::Providers, Action::Read) },
    Route {
        method: Method::PATCH,
        path: "/providers/{name}",
        needs: needs(Resource::Providers, Action::Write),
    },
    Route {
        method: Method::DELETE,
        path: "/providers/{name}",
        needs: needs(Resource::Providers, Action::Write),
    },
    Route {
        method: Method::POST,
        path: "/providers/{name}/test",
        needs: needs(Resource::Providers, Action::Write),
    },
    Route { method: Method::GET, path: "/models", needs: needs(Resource::Models, Action::Read) },
    Route { method: Method::POST, path: "/models", needs: needs(Resource::Models, Action::Write) },
    Route { method: Method::GET, path: "/models/{name}", needs: needs(Resource::Models, Action::Read) },
    Route { method: Method::PATCH, path: "/models/{name}", needs: needs(Resource::Models, Action::Write) },
    Route { method: Method::DELETE, path: "/models/{name}", needs: needs(Resource::Models, Action::Write) },
    Route {
        method: Method::GET,
        path: "/models/{name}/callers",
        needs: needs(Resource::Models, Action::Read),
    },
    Route { method: Method::GET, path: "/access-rules", needs: needs(Resource::AccessRules, Action::Read) },
    Route { method: Method::POST, path: "/access-rules", needs: needs(Resource::AccessRules, Action::Write) },
    Route {
        method: Method::GET,
        path: "/access-rules/{id}",
        needs: needs(Resource::AccessRules, Action::Read),
    },
    Route {
        method: Method::PATCH,
        path: "/access-rules/{id}",
        needs: needs(Resource::AccessRules, Action::Write),
    },
    Route {
        method: Method::DELETE,
        path: "/access-rules/{id}",
        needs: needs(Resource::AccessRules, Action::Write),
    },
    // The last one: a tenant that is gone can't be made again.
    Route { method: Method::DELETE, path: "/tenants/{id}", needs: WRITE_TENANTS },
];
