//! The Leptos app: pages rendered here, server functions answered here.

use super::Http;
use crate::admin_api::ProblemResponse;
use app::edge::Edge;
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use model::Problem;

/// Pages and server functions.
pub(super) fn router(http: &Http) -> Router {
    // Files come from the binary (see `assets`): this root is read by nobody and must not exist.
    let options = LeptosOptions::builder().output_name("gatehouse").site_root("/nonexistent").build();
    let routes = generate_route_list(app::App);
    let site = app::Site {
        css: http.site.css.clone(),
        js: http.site.js.clone(),
        wasm: http.site.wasm.clone(),
        parts: http.site.parts.clone(),
        favicon: http.site.files.get("favicon.svg").cloned().unwrap_or_default(),
        base_url: http.base_url.as_str().to_owned(),
    };
    let shell = move || app::shell(site.clone());
    Router::new()
        .leptos_routes_with_context(&options, routes, hand_over, shell.clone())
        // Not leptos_axum's file handler: that one serves whatever lies in the working folder.
        .fallback(move |request: Request| {
            let page = leptos_axum::render_app_async_with_context(hand_over, shell.clone());
            async move {
                let mut response = page(request).await;
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        })
        .with_state(options)
}

/// Gives pages and server functions what the middleware found out about the caller.
fn hand_over() {
    if let Some(edge) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Edge>().cloned()) {
        provide_context(edge);
    }
}

/// The answer for every page when `identity.enabled` is false.
pub(super) async fn switched_off() -> Response {
    ProblemResponse(
        Problem::new(404, "not_found", "There is nothing here")
            .detail("The pages are switched off (identity.enabled: false)."),
    )
    .into_response()
}
