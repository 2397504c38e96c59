//! `GET /v1/models`: what this key may call, in the shape that the client's SDK reads.

use crate::access::Bounds;
use crate::admit::{Limits, authenticate};
use crate::answer::Body;
use crate::caller::authorise;
use crate::catalog::{Catalog, Route};
use crate::error::{ApiError, Code, Dialect};
use crate::service::Worker;
use crate::socket::Connection;
use http::{HeaderMap, HeaderValue, Response, header};
use model::api_action::ApiAction;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use std::sync::Arc;

/// When a public name came into being says nothing, but SDKs want the field.
const CREATED: &str = "1970-01-01T00:00:00Z";

#[derive(Serialize)]
#[serde(untagged)]
enum ModelObject<'a> {
    OpenAi {
        id: &'a str,
        object: &'static str,
        created: i64,
        owned_by: &'static str,
    },
    Anthropic {
        #[serde(rename = "type")]
        kind: &'static str,
        id: &'a str,
        display_name: &'a str,
        created_at: &'static str,
        /// Since version 2026-10-21; what is listed can be called.
        lifecycle: &'static str,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum ModelList<'a> {
    OpenAi {
        object: &'static str,
        data: Vec<ModelObject<'a>>,
    },
    /// One page: all of them.
    Anthropic {
        first_id: Option<&'a str>,
        last_id: Option<&'a str>,
        has_more: bool,
        data: Vec<ModelObject<'a>>,
    },
}

fn object(route: &Route, dialect: Dialect) -> ModelObject<'_> {
    let id = route.name.as_str();
    match dialect {
        Dialect::OpenAi => ModelObject::OpenAi { id, object: "model", created: 0, owned_by: "gatehouse" },
        Dialect::Anthropic => ModelObject::Anthropic {
            kind: "model",
            id,
            display_name: id,
            created_at: CREATED,
            lifecycle: "active",
        },
    }
}

pub(crate) async fn list(
    worker: &Arc<Worker>,
    headers: &HeaderMap,
    connection: &Arc<Connection>,
    dialect: Dialect,
) -> Result<Response<Body>, ApiError> {
    permitted(worker, headers, connection, |catalog, bounds| {
        let routes: Vec<_> = catalog.routes().iter().filter(|route| bounds.permits_call(route)).collect();
        let data = routes.iter().map(|route| object(route, dialect)).collect();
        json(&match dialect {
            Dialect::OpenAi => ModelList::OpenAi { object: "list", data },
            Dialect::Anthropic => ModelList::Anthropic {
                first_id: routes.first().map(|route| route.name.as_str()),
                last_id: routes.last().map(|route| route.name.as_str()),
                has_more: false,
                data,
            },
        })
    })
    .await
}

/// One model; one that this key may not call is answered like one that doesn't exist.
pub(crate) async fn read(
    worker: &Arc<Worker>,
    name: &str,
    headers: &HeaderMap,
    connection: &Arc<Connection>,
    dialect: Dialect,
) -> Result<Response<Body>, ApiError> {
    // SDKs encode the slash of names such as meta-llama/Llama-3.1-8B.
    let name = percent_decode_str(name).decode_utf8().map_err(|_| Code::ModelNotFound)?;
    permitted(worker, headers, connection, |catalog, bounds| {
        let route =
            catalog.route(&name).filter(|route| bounds.permits_call(route)).ok_or(Code::ModelNotFound)?;
        json(&object(route, dialect))
    })
    .await
}

/// Answers from what a good key may call. It is a request like others, as far as the limits go.
async fn permitted(
    worker: &Arc<Worker>,
    headers: &HeaderMap,
    connection: &Arc<Connection>,
    answer: impl FnOnce(&Catalog, &Bounds<'_>) -> Result<Response<Body>, ApiError>,
) -> Result<Response<Body>, ApiError> {
    let guard = authenticate(worker, headers, connection).await?;
    let flight = &guard.flight;
    let caller = authorise(worker, flight, headers, connection, ApiAction::Models).await?;
    let shared = &worker.shared;
    let (catalog, access) = (shared.catalog.load(), shared.access.load());
    let rules = access.about(&flight.policy);
    let limits = Limits::about(shared, &flight.policy, &rules, caller.identity.as_deref()).count()?;
    let mut response = answer(&catalog, &Bounds { policy: &flight.policy, rules: &rules })?;
    response.headers_mut().extend(limits);
    Ok(response)
}

fn json(value: &impl Serialize) -> Result<Response<Body>, ApiError> {
    let bytes = serde_json::to_vec(value).map_err(|_| Code::StateUnavailable)?;
    let mut response = Response::new(Body::full(bytes.into()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
