//! The SCIM server, `/scim/v2` (RFC 7644): for identity providers that provision accounts and groups.
//!
//! It knows no session and no cookie: a SCIM client's token is the only way in, asked for before a body is read. Requests
//! only translate; what is done is in [`control::scim`].

mod all;
mod answer;
mod discovery;
mod gate;
mod groups;
mod request;
mod users;

use super::Http;
use answer::Refusal;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::scim::ScimError;

/// Where it is, below the base URL.
pub(super) const BASE: &str = "/scim/v2";

/// All its routes.
pub(super) fn router(http: Http) -> Router {
    Router::new()
        .route("/.search", post(all::search))
        .route("/Users", get(users::list).post(users::create))
        .route("/Users/.search", post(users::search))
        .route("/Users/{id}", get(users::read).put(users::replace).patch(users::patch).delete(users::delete))
        .route("/Groups", get(groups::list).post(groups::create))
        .route("/Groups/.search", post(groups::search))
        .route(
            "/Groups/{id}",
            get(groups::read).put(groups::replace).patch(groups::patch).delete(groups::delete),
        )
        .route("/ServiceProviderConfig", get(discovery::service_provider_config))
        .route("/ResourceTypes", get(discovery::resource_types))
        .route("/ResourceTypes/{id}", get(discovery::resource_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(http, gate::admit))
}

async fn unknown() -> Response {
    Refusal::from(ScimError::new(404, "there is no such endpoint")).into_response()
}

async fn wrong_method() -> Response {
    Refusal::from(ScimError::new(405, "this endpoint doesn't take this method")).into_response()
}
