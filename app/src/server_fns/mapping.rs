//! Role mapping.

use crate::error::{Answer, AppError};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::mapping::{RoleMapping, Simulation, SimulationRequest};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, found};

/// The mapping.
#[server(prefix = "/api", endpoint = "role-mappings/read", input = Json)]
pub async fn read_mapping() -> Result<RoleMapping, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::mapping::read(&edge.control, edge.actor()?).await)
}

/// Replaces it.
#[server(prefix = "/api", endpoint = "role-mappings/change", input = Json)]
pub async fn change_mapping(mapping: RoleMapping) -> Result<Answer<RoleMapping>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::mapping::change(&edge.control, edge.actor()?, mapping).await)
}

/// What would come out of it, saved or not.
#[server(prefix = "/api", endpoint = "role-mappings/simulate", input = Json)]
pub async fn simulate_mapping(request: SimulationRequest) -> Result<Answer<Simulation>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::mapping::simulate(&edge.control, edge.actor()?, request).await)
}
