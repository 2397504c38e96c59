//! Removing a provider.

use super::{WRITE, target};
use crate::catalog::read_only;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::change::Change;
use model::{ModelName, ProviderName};
use serde_json::json;

/// How many models a refusal names.
const NAMED: usize = 10;

/// Removes a provider and its credential. Needs `providers:write`. Refused while a model has a target there, and for what
/// the configuration owns.
pub async fn remove(control: &Control, actor: &Actor, name: &ProviderName) -> Result<(), Error> {
    control.authorise(actor, WRITE, "provider.delete", &target(name)).await?;
    let mut tx = control.store().begin().await?;
    let provider = tx.provider(name).await?.ok_or(Error::NotFound)?.provider;
    if provider.from_configuration {
        return Err(read_only(control, "provider", name.as_str()));
    }
    let models = tx.models_using(name).await?;
    if !models.is_empty() {
        return Err(in_use(&models));
    }
    tx.delete_provider(name).await?;
    let detail = json!({ "before": &provider });
    let entry = control.entry(actor, "provider.delete", &target(name), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(())
}

fn in_use(models: &[ModelName]) -> Error {
    let names: Vec<_> = models.iter().take(NAMED).map(ModelName::as_str).collect();
    let more = if models.len() > NAMED { ", …" } else { "" };
    let detail = format!("These models have a target there: {}{more}. Change them first.", names.join(", "));
    Error::Conflict { code: "provider_in_use", detail: detail.into() }
}
