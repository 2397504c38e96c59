//! `/Users`.

use super::answer::{self, Refusal};
use super::request::{Call, Conditions, Id, Json, Parameters};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use control::scim::users as operations;
use identity::scim::list::Query;
use identity::scim::projection::Projection;
use identity::scim::schema::USERS;

fn projection(parameters: &Parameters) -> Result<Projection, Refusal> {
    Ok(Projection::parse(&USERS, |name| parameters.of(name))?)
}

pub(super) async fn list(call: Call, parameters: Parameters) -> Result<Response, Refusal> {
    let query = Query::parse(&USERS, |name| parameters.of(name))?;
    let listed = operations::list(&call.control, &call.caller, &query).await.map_err(call.refuse())?;
    Ok(answer::list(&call, listed, &query))
}

pub(super) async fn search(call: Call, Json(body): Json) -> Result<Response, Refusal> {
    list(call, Parameters::of_search(&body)?).await
}

pub(super) async fn create(
    call: Call,
    parameters: Parameters,
    Json(resource): Json,
) -> Result<Response, Refusal> {
    let projection = projection(&parameters)?;
    let made = operations::create(&call.control, &call.caller, &resource).await.map_err(call.refuse())?;
    Ok(answer::resource(&call, StatusCode::CREATED, made, &projection, None))
}

pub(super) async fn read(
    call: Call,
    parameters: Parameters,
    conditions: Conditions,
    Id(id): Id,
) -> Result<Response, Refusal> {
    let projection = projection(&parameters)?;
    let found = operations::read(&call.control, &call.caller, &id).await.map_err(call.refuse())?;
    Ok(answer::resource(&call, StatusCode::OK, found, &projection, Some(&conditions)))
}

pub(super) async fn replace(
    call: Call,
    parameters: Parameters,
    conditions: Conditions,
    Id(id): Id,
    Json(resource): Json,
) -> Result<Response, Refusal> {
    let projection = projection(&parameters)?;
    let matching = conditions.matching.as_ref();
    let found = operations::replace(&call.control, &call.caller, &id, &resource, matching).await;
    Ok(answer::resource(&call, StatusCode::OK, found.map_err(call.refuse())?, &projection, None))
}

pub(super) async fn patch(
    call: Call,
    parameters: Parameters,
    conditions: Conditions,
    Id(id): Id,
    Json(body): Json,
) -> Result<Response, Refusal> {
    let projection = projection(&parameters)?;
    let matching = conditions.matching.as_ref();
    let found = operations::patch(&call.control, &call.caller, &id, &body, matching).await;
    let found = found.map_err(call.refuse())?;
    Ok(answer::resource(&call, StatusCode::OK, found, &projection, None))
}

pub(super) async fn delete(call: Call, conditions: Conditions, Id(id): Id) -> Result<Response, Refusal> {
    let matching = conditions.matching.as_ref();
    operations::delete(&call.control, &call.caller, &id, matching).await.map_err(call.refuse())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
