//! What the server says of itself: configuration, resource types, schemas. The same for every client.

use super::answer::{Refusal, json};
use super::request::{Call, Id, Parameters};
use axum::http::StatusCode;
use axum::response::Response;
use identity::scim::{ScimError, documents, list};
use serde_json::Value;

pub(super) async fn service_provider_config(call: Call) -> Response {
    json(StatusCode::OK, &located(&call, "ServiceProviderConfig", documents::service_provider_config()))
}

pub(super) async fn resource_types(call: Call, parameters: Parameters) -> Result<Response, Refusal> {
    all(&call, &parameters, "ResourceTypes", documents::resource_types())
}

pub(super) async fn resource_type(call: Call, Id(id): Id) -> Result<Response, Refusal> {
    one(&call, "ResourceTypes", documents::resource_types(), &id)
}

pub(super) async fn schemas(call: Call, parameters: Parameters) -> Result<Response, Refusal> {
    all(&call, &parameters, "Schemas", documents::schemas())
}

pub(super) async fn schema(call: Call, Id(id): Id) -> Result<Response, Refusal> {
    one(&call, "Schemas", documents::schemas(), &id)
}

fn all(
    call: &Call,
    parameters: &Parameters,
    endpoint: &str,
    documents: Vec<Value>,
) -> Result<Response, Refusal> {
    if parameters.of("filter").is_some() {
        // RFC 7644 §4: filters SHALL be refused here.
        return Err(ScimError::new(403, "there are no filters here").into());
    }
    let located: Vec<Value> = documents
        .into_iter()
        .map(|document| {
            let path = format!("{endpoint}/{}", document["id"].as_str().unwrap_or_default());
            located(call, &path, document)
        })
        .collect();
    Ok(json(StatusCode::OK, &list::response(located.len(), 0, located)))
}

fn one(call: &Call, endpoint: &str, documents: Vec<Value>, id: &str) -> Result<Response, Refusal> {
    let found = documents.into_iter().find(|document| document["id"] == *id);
    let found = found.ok_or_else(|| ScimError::new(404, "there is no such document"))?;
    Ok(json(StatusCode::OK, &located(call, &format!("{endpoint}/{id}"), found)))
}

fn located(call: &Call, path: &str, mut document: Value) -> Value {
    document["meta"]["location"] = format!("{}/{path}", call.base).into();
    document
}
