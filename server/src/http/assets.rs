//! The page's files: hashed names, compressed beforehand, inside the binary (read from `dist/site` in debug builds).

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dist/site"]
#[allow_missing = true]
struct Files;

/// Addresses of the page's files, from the bundler's manifest. Empty when the page wasn't built: pages then work
/// without a script.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Site {
    pub(crate) js: String,
    pub(crate) wasm: String,
    /// Part of the module → what it consists of.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
    pub(crate) css: String,
    pub(crate) files: BTreeMap<String, String>,
}

impl Site {
    /// Reads the manifest.
    pub(crate) fn load() -> Self {
        let site = Files::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok());
        site.unwrap_or_else(|| {
            tracing::warn!("the page isn't built (make page): pages will be plain and without script");
            Self::default()
        })
    }
}

pub(super) fn router() -> Router {
    Router::new().route("/assets/{name}", get(serve))
}

/// One file, in the best encoding that the client takes.
async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // Names are flat: nothing leads out of the folder.
    if name.contains(['/', '\\']) || name.contains("..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let takes =
        |coding: &str| accepted.split(',').any(|part| part.split(';').next().map(str::trim) == Some(coding));
    let variants = [("br", ".br"), ("gzip", ".gz")];
    let packed = variants.into_iter().filter(|(coding, _)| takes(coding)).find_map(|(coding, suffix)| {
        Files::get(&format!("assets/{name}{suffix}")).map(|file| (Some(coding), file))
    });
    let Some((coding, file)) =
        packed.or_else(|| Files::get(&format!("assets/{name}")).map(|file| (None, file)))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    let mut response = file.data.into_owned().into_response();
    let out = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        out.insert(header::CONTENT_TYPE, kind);
    }
    if let Some(coding) = coding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The name changes with the content.
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
