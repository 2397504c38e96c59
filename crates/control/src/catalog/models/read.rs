//! One model with the state of its targets.

use super::READ;
use crate::{Actor, Control, Error};
use model::ModelName;
use model::catalog::ModelDetail;

/// One model. Needs `models:read`.
pub async fn read(control: &Control, actor: &Actor, name: &ModelName) -> Result<ModelDetail, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let model = control.store().model(name).await?.ok_or(Error::NotFound)?;
    Ok(ModelDetail { model, health: control.0.probe.target_health(name) })
}
