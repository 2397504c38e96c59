//! Making a model.

use super::{WRITE, check, target};
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::catalog::{Model, NewModel};
use model::change::Change;
use serde_json::json;

/// Makes a model. Needs `models:write`.
pub async fn create(control: &Control, actor: &Actor, new: NewModel) -> Result<Model, Error> {
    control.authorise(actor, WRITE, "model.create", &target(&new.name)).await?;
    let mut tx = control.store().begin().await?;
    check(&mut tx, &new).await?;
    if tx.model(&new.name).await?.is_some() {
        return Err(Error::Conflict {
            code: "model_exists",
            detail: format!("There is a model {} already.", new.name).into(),
        });
    }
    let model = new.into_model();
    tx.upsert_model(&model).await?;
    let detail = json!({ "after": &model });
    let entry = control.entry(actor, "model.create", &target(&model.name), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(model)
}
