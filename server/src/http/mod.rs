//! Everything that isn't `/v1`: health, pages, server functions, the Admin API. Runs on the control runtime.

mod assets;
mod body;
mod client;
mod context;
mod form_errors;
mod health;
mod origin;
mod pages;
mod portal;
mod response_headers;
mod scim;
mod session_store;
mod sso;
mod turns;

pub(crate) use assets::Site;
pub(crate) use context::Http;
pub(crate) use health::Readiness;
pub(crate) use origin::BaseUrl;
pub(crate) use session_store::Sessions;
pub(crate) use turns::Turns;

use crate::admin_api;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

/// Absolute life of a session; the store ends idle ones sooner.
const SESSION_LIFE: Duration = Duration::days(7);

/// All routes of the control side.
pub(crate) fn router(http: Http) -> Router {
    // SameSite=Strict would lose the cookie on the way back from an identity provider.
    let sessions = SessionManagerLayer::new(Sessions::new(http.control.clone()))
        .with_name("__Host-gatehouse")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(SESSION_LIFE));
    let mut app = Router::new()
        .nest("/admin/api/v1", admin_api::router(http.clone()))
        .route("/admin/api/openapi.json", get(admin_api::openapi_json))
        .route("/admin/api/docs", get(admin_api::docs_page))
        .route("/admin/api/docs.css", get(admin_api::docs_style))
        .route("/admin/api/{*rest}", any(admin_api::unknown));
    if http.pages_enabled {
        app = app.merge(pages::router(&http)).merge(sso::router()).merge(admin_api::own_usage(http.clone()));
    } else {
        app = app.fallback(pages::switched_off);
    }
    let back_channel = if http.pages_enabled { sso::back_channel(http.clone()) } else { Router::new() };
    // From the inside out: the last layer sees the request first.
    app.layer(from_fn_with_state(admin_api::portal(http.clone()), portal::divide))
        .layer(from_fn_with_state(http.clone(), context::resolve))
        .layer(sessions)
        .layer(from_fn_with_state(http.base_url.clone(), origin::check))
        .merge(back_channel)
        .layer(from_fn(form_errors::own_only))
        .layer(from_fn(body::read))
        .nest(scim::BASE, scim::router(http.clone()))
        .layer(from_fn_with_state(http.trusted_proxies.clone(), client::identify))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready).with_state(http.readiness.clone()))
        .merge(assets::router())
        .layer(from_fn_with_state(http.base_url, response_headers::set))
}
