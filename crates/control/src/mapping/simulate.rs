//! Trying a mapping out.

use super::READ;
use crate::{Actor, Control, Error};
use model::mapping::{Simulation, SimulationRequest};
use serde_json::Value;

/// Most bytes of claims.
const MAX_CLAIMS: usize = 32_768;

/// What would come out for these claims, by the saved mapping or one that isn't. Nothing is written. Needs `sso:read`.
pub async fn simulate(
    control: &Control,
    actor: &Actor,
    request: SimulationRequest,
) -> Result<Simulation, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    if request.claims.len() > MAX_CLAIMS {
        return Err(Error::field("claims", format!("must be at most {MAX_CLAIMS} bytes")));
    }
    let claims: Value = serde_json::from_str(&request.claims).map_err(|error| {
        Error::field("claims", format!("must be a JSON object; line {}: not JSON", error.line()))
    })?;
    if !claims.is_object() {
        return Err(Error::field("claims", "must be a JSON object, such as the payload of an ID token"));
    }
    let mapping = match request.mapping {
        Some(mapping) => mapping,
        None => control.store().role_mapping().await?,
    };
    let errors = mapping.check();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok(identity::mapping::simulate(&mapping, request.identity_provider.as_deref(), &claims))
}
