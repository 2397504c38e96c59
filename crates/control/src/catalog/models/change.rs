//! Changing a model.

use super::{WRITE, check, target};
use crate::catalog::read_only;
use crate::{Actor, Control, Error};
use model::ModelName;
use model::audit::AuditResult;
use model::catalog::{Model, ModelChange};
use model::change::Change;
use serde_json::json;

/// Changes a model; running requests end as they began. Needs `models:write`. What the configuration owns is refused.
pub async fn change(
    control: &Control,
    actor: &Actor,
    name: &ModelName,
    change: ModelChange,
) -> Result<Model, Error> {
    control.authorise(actor, WRITE, "model.update", &target(name)).await?;
    let mut tx = control.store().begin().await?;
    let before = tx.model(name).await?.ok_or(Error::NotFound)?;
    if before.from_configuration {
        return Err(read_only(control, "model", name.as_str()));
    }
    let new = change.apply(before.clone());
    check(&mut tx, &new).await?;
    let after = new.into_model();
    if after == before {
        return Ok(before);
    }
    tx.upsert_model(&after).await?;
    let detail = json!({ "before": &before, "after": &after });
    let entry = control.entry(actor, "model.update", &target(name), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(after)
}
