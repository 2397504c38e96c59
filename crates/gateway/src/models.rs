//! `GET /v1/models` and `GET /v1/models/{id}`: what this key may call, in OpenAI's shape.

use crate::admit::authenticate;
use crate::answer::Body;
use crate::catalog::Route;
use crate::error::{ApiError, Code};
use crate::route::permitted;
use crate::service::Worker;
use crate::socket::Connection;
use http::{HeaderMap, HeaderValue, Response, header};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct ModelObject<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    owned_by: &'static str,
}

#[derive(Serialize)]
struct ModelList<'a> {
    object: &'static str,
    data: Vec<ModelObject<'a>>,
}

fn object(route: &Route) -> ModelObject<'_> {
    // SDKs want the field; when a public name came into being says nothing.
    ModelObject { id: route.name.as_str(), object: "model", created: 0, owned_by: "gatehouse" }
}

pub(crate) async fn list(
    worker: &Arc<Worker>,
    headers: &HeaderMap,
    connection: &Arc<Connection>,
) -> Result<Response<Body>, ApiError> {
    let guard = authenticate(worker, headers, connection).await?;
    let catalog = worker.shared.catalog.load();
    let may_call = catalog.routes().iter().filter(|route| permitted(route, &guard.flight.policy));
    json(&ModelList { object: "list", data: may_call.map(|route| object(route)).collect() })
}

/// One model; one that this key may not call is answered like one that doesn't exist.
pub(crate) async fn read(
    worker: &Arc<Worker>,
    name: &str,
    headers: &HeaderMap,
    connection: &Arc<Connection>,
) -> Result<Response<Body>, ApiError> {
    let guard = authenticate(worker, headers, connection).await?;
    let catalog = worker.shared.catalog.load();
    // SDKs encode the slash of names such as meta-llama/Llama-3.1-8B.
    let name = name
        .replace("%2F", "/")
        .replace("%2f", "/")
        .replace("%3A", ":")
        .replace("%3a", ":")
        .replace("%40", "@");
    let route = catalog
        .route(&name)
        .filter(|route| permitted(route, &guard.flight.policy))
        .ok_or(Code::ModelNotFound)?;
    json(&object(route))
}

fn json(value: &impl Serialize) -> Result<Response<Body>, ApiError> {
    let bytes = serde_json::to_vec(value).map_err(|_| Code::StateUnavailable)?;
    let mut response = Response::new(Body::full(bytes.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
