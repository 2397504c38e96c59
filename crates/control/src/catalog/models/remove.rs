//! Removing a model.

use super::{WRITE, target};
use crate::catalog::read_only;
use crate::{Actor, Control, Error};
use model::ModelName;
use model::audit::AuditResult;
use model::change::Change;
use serde_json::json;

/// Removes a model; running requests end as they began, and its usage stays. Needs `models:write`. What the configuration
/// owns is refused.
pub async fn remove(control: &Control, actor: &Actor, name: &ModelName) -> Result<(), Error> {
    control.authorise(actor, WRITE, "model.delete", &target(name)).await?;
    let mut tx = control.store().begin().await?;
    let model = tx.model(name).await?.ok_or(Error::NotFound)?;
    if model.from_configuration {
        return Err(read_only(control, "model", name.as_str()));
    }
    tx.delete_model(name).await?;
    let detail = json!({ "before": &model });
    let entry = control.entry(actor, "model.delete", &target(name), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(())
}
