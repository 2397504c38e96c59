//! `/role-mappings`: what identity providers' claims become. One ordered list, read and replaced as a whole.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::Parameters;
use axum::Json;
use model::mapping::{RoleMapping, Simulation, SimulationRequest};

/// `GET`: the mapping.
pub(super) async fn read(
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<RoleMapping>, ProblemResponse> {
    parameters.finish()?;
    Ok(Json(control::mapping::read(&caller.control, &caller.actor).await?))
}

/// `PUT {rules, otherwise, missing_claim}`: replaces all of it.
pub(super) async fn change(
    caller: Caller,
    Body(mapping): Body<RoleMapping>,
) -> Result<Json<RoleMapping>, ProblemResponse> {
    Ok(Json(control::mapping::change(&caller.control, &caller.actor, mapping).await?))
}

/// `POST /simulate {mapping, identity_provider, claims}`: what would come out; nothing is written.
pub(super) async fn simulate(
    caller: Caller,
    Body(request): Body<SimulationRequest>,
) -> Result<Json<Simulation>, ProblemResponse> {
    Ok(Json(control::mapping::simulate(&caller.control, &caller.actor, request).await?))
}
