//! The Admin API's document: OpenAPI 3.1, of every route, for programs and for the page that people read.
//!
//! What a route is for, who may call it and how it refuses stands in `operations`; what goes in and out comes from the
//! types that the handlers take and give.

mod document;
mod examples;
mod operation;
mod operations;
mod page;
mod schemas;

pub(crate) use document::document;
pub(crate) use page::{page, style};

use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

/// It is the same as long as the process runs.
static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

/// `GET /admin/api/openapi.json`. Open to everybody: it says nothing about this installation.
pub(crate) async fn json() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}

/// The document as it is served.
pub(crate) fn text() -> &'static str {
    &TEXT
}
