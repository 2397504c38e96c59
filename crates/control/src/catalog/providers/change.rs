//! Changing a provider. Its stored credential stays only with the scheme, host and port that it was given for: who
//! doesn't know it can't have it sent elsewhere.

use super::{WRITE, seal, target};
use crate::catalog::read_only;
use crate::{Actor, Control, Error};
use model::ProviderName;
use model::audit::AuditResult;
use model::catalog::{CredentialChange, Provider, ProviderChange};
use model::change::Change;
use serde_json::json;

/// Changes a provider. Needs `providers:write`. What the configuration owns is refused.
pub async fn change(
    control: &Control,
    actor: &Actor,
    name: &ProviderName,
    change: ProviderChange,
) -> Result<Provider, Error> {
    control.authorise(actor, WRITE, "provider.update", &target(name)).await?;
    let mut tx = control.store().begin().await?;
    let stored = tx.provider(name).await?.ok_or(Error::NotFound)?;
    let before = stored.provider;
    if before.from_configuration {
        return Err(read_only(control, "provider", name.as_str()));
    }
    let mut after = before.clone();
    let credential = change.apply(&mut after).map_err(Error::Invalid)?;
    let sealed = match &credential {
        CredentialChange::Keep if after == before => return Ok(before),
        CredentialChange::Keep => stored.sealed_credential,
        CredentialChange::Set(credential) => Some(seal(control, name, credential)?),
        CredentialChange::Remove => None,
    };
    tx.upsert_provider(&after, sealed.as_deref()).await?;
    let detail = json!({ "before": &before, "after": &after, "credential": credential.as_str() });
    let entry = control.entry(actor, "provider.update", &target(name), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(after)
}
