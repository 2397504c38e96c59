//! `/admin/api-keys` is a page for people and an API for programs. The `Authorization` header tells them apart: with it the
//! path is always the API, without it there is the page and nothing else.

use crate::admin_api;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

const PATH: &str = "/admin/api-keys";

/// Whether a path is this one or below it.
pub(super) fn is_portal(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Sends programs to the API and people to the page. Nobody is let in here: both ask who is calling.
pub(super) async fn divide(State(api): State<Router>, request: Request, next: Next) -> Response {
    if !is_portal(request.uri().path()) {
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = if request.headers().contains_key(header::AUTHORIZATION) {
        match api.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    } else if reads && request.uri().path() == PATH {
        next.run(request).await
    } else {
        admin_api::unauthenticated().into_response()
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_and_what_is_below_it() {
        assert!(is_portal("/admin/api-keys") && is_portal("/admin/api-keys/7Hq2xV9mLw4T"));
        for other in
            ["/admin/api-keysx", "/admin/api", "/admin/api-key", "//admin/api-keys", "/Admin/api-keys"]
        {
            assert!(!is_portal(other), "{other}");
        }
    }
}
