//! The Admin API, `/admin/api/v1`: the operations of `control`, for programs.

mod access_rules;
mod assignments;
mod audit;
mod auth;
mod auth_keys;
mod body;
mod download;
mod idempotency;
mod identity_providers;
mod leaving;
mod management_keys;
mod many_users;
mod memberships;
mod models;
mod objects;
mod openapi;
mod own_usage;
mod portal;
mod problem;
mod providers;
mod query;
mod role_mappings;
mod roles;
mod scim_clients;
mod sessions;
mod spreadsheet;
mod tenants;
mod users;
mod whole;

pub(crate) use auth::{bearer, unauthenticated};
pub(crate) use openapi::{
    json as openapi_json, page as docs_page, style as docs_style, text as openapi_text,
};
pub(crate) use own_usage::router as own_usage;
pub(crate) use portal::router as portal;
pub(crate) use problem::{ProblemResponse, correlation_id, too_many_requests, unavailable};

use crate::http::Http;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use model::Problem;

/// All routes of the Admin API. Each handler takes a [`auth::Caller`]: without one it doesn't compile into an operation.
pub(crate) fn router(http: Http) -> Router {
    Router::new()
        .route("/access-rules", get(access_rules::list).post(access_rules::create))
        .route(
            "/access-rules/{id}",
            get(access_rules::read).patch(access_rules::change).delete(access_rules::remove),
        )
        .route("/audit", get(audit::list))
        .route("/audit/export", get(audit::export))
        .route("/audit/verify", get(audit::verify))
        .route("/audit/{seq}", get(audit::read))
        .route("/auth-keys", get(auth_keys::list).post(auth_keys::create))
        .route("/auth-keys/{id}", get(auth_keys::read).patch(auth_keys::change).delete(auth_keys::revoke))
        .route("/auth-keys/{id}/revoke", post(auth_keys::revoke))
        .route("/auth-keys/{id}/deactivate", post(auth_keys::revoke))
        .route("/auth-keys/{id}/rotate", post(auth_keys::rotate))
        .route("/auth-keys/{id}/stats", get(auth_keys::stats))
        .route("/identity-providers", get(identity_providers::list).post(identity_providers::create))
        .route(
            "/identity-providers/{name}",
            get(identity_providers::read)
                .patch(identity_providers::change)
                .delete(identity_providers::remove),
        )
        .route("/identity-providers/{name}/check", post(identity_providers::check))
        .route("/management-keys", get(management_keys::list).post(management_keys::create))
        .route("/management-keys/{id}", get(management_keys::read).delete(management_keys::revoke))
        .route("/management-keys/{id}/revoke", post(management_keys::revoke))
        .route("/memberships", get(memberships::list).post(memberships::add))
        .route("/memberships/{user_id}/{tenant_id}", delete(memberships::end))
        .route("/models", get(models::list).post(models::create))
        .route("/models/{name}", get(models::read).patch(models::change).delete(models::remove))
        .route("/models/{name}/callers", get(models::callers))
        .route("/permissions", get(roles::permissions))
        .route("/providers", get(providers::list).post(providers::create))
        .route("/providers/{name}", get(providers::read).patch(providers::change).delete(providers::remove))
        .route("/providers/{name}/test", post(providers::test))
        .route("/role-mappings", get(role_mappings::read).put(role_mappings::change))
        .route("/role-mappings/simulate", post(role_mappings::simulate))
        .route("/roles", get(roles::list).post(roles::create))
        .route("/roles/{name}", get(roles::read).patch(roles::change).delete(roles::remove))
        .route("/provisioning-log", get(scim_clients::provisioning_log))
        .route("/scim-clients", get(scim_clients::list).post(scim_clients::create))
        .route("/scim-clients/{id}", get(scim_clients::read).delete(scim_clients::revoke))
        .route("/scim-clients/{id}/revoke", post(scim_clients::revoke))
        .route("/tenants", get(tenants::list).post(tenants::create))
        .route("/tenants/{id}", get(tenants::read).patch(tenants::change).delete(tenants::delete))
        .route("/tenants/{id}/holdings", get(tenants::holdings))
        .route("/tenants/{id}/suspend", post(tenants::suspend))
        .route("/tenants/{id}/activate", post(tenants::activate))
        .route("/users", get(users::list).post(users::create))
        .route("/users/bulk/offboard", post(many_users::offboard))
        .route("/users/bulk/status", post(many_users::set_status))
        .route("/users/export", get(users::export))
        .route("/users/{id}", get(users::read).patch(users::change))
        .route("/users/{id}/activity", get(users::activity))
        .route("/users/{id}/identities", get(identity_providers::identities))
        .route("/users/{id}/identities/{identity_id}", delete(identity_providers::unlink))
        .route("/users/{id}/invite", post(users::invite))
        .route("/users/{id}/reset-link", post(users::reset_link))
        .route("/users/{id}/second-factor", delete(users::reset_second_factor))
        .route("/users/{id}/sessions", get(sessions::list).delete(sessions::end_all))
        .route("/users/{id}/sessions/{session_id}", delete(sessions::end))
        .route("/users/{id}/offboard", get(leaving::inventory).post(leaving::offboard))
        .route("/users/{id}/role", put(assignments::set_role))
        .route("/users/{id}/assignments", get(assignments::list).post(assignments::assign))
        .route("/users/{id}/assignments/{tenant_id}/{role}", delete(assignments::unassign))
        .route_layer(from_fn_with_state(http.clone(), idempotency::once))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(http)
}

/// Under `/admin/api` everything is data: no program ever gets a page.
pub(crate) async fn unknown() -> Response {
    ProblemResponse(Problem::new(404, "not_found", "There is no such route")).into_response()
}

async fn wrong_method() -> Response {
    ProblemResponse(Problem::new(405, "method_not_allowed", "This route doesn't take this method"))
        .into_response()
}
