//! Making a provider.

use super::{WRITE, seal, target};
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::catalog::{NewProvider, Provider};
use model::change::Change;
use serde_json::json;

/// Makes a provider. Needs `providers:write`.
pub async fn create(control: &Control, actor: &Actor, new: NewProvider) -> Result<Provider, Error> {
    control.authorise(actor, WRITE, "provider.create", &target(&new.name)).await?;
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let (provider, credential) = new.into_provider();
    let sealed = credential.map(|credential| seal(control, &provider.name, &credential)).transpose()?;
    let mut tx = control.store().begin().await?;
    if tx.provider(&provider.name).await?.is_some() {
        return Err(Error::Conflict {
            code: "provider_exists",
            detail: format!("There is a provider {} already.", provider.name).into(),
        });
    }
    tx.upsert_provider(&provider, sealed.as_deref()).await?;
    let detail = json!({ "after": &provider });
    let entry =
        control.entry(actor, "provider.create", &target(&provider.name), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(provider)
}
