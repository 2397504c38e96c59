//! Making an identity provider.

use super::super::{WRITE, target, target_named};
use super::{fold_domains, seal};
use crate::{Actor, Control, Error};
use model::IdentityProviderId;
use model::audit::AuditResult;
use model::sso::{IdentityProvider, NewIdentityProvider};
use serde_json::json;

const ACTION: &str = "identity_provider.create";

/// Makes an identity provider. Needs `sso:write`.
pub async fn create(
    control: &Control,
    actor: &Actor,
    new: NewIdentityProvider,
) -> Result<IdentityProvider, Error> {
    control.authorise(actor, WRITE, ACTION, &target_named(&new.name)).await?;
    let id = IdentityProviderId::generate(|bytes| control.entropy().fill(bytes));
    let (mut provider, secret) = new.into_provider(id, control.now()).map_err(Error::Invalid)?;
    fold_domains(&mut provider)?;
    let sealed = secret.map(|secret| seal(control, &provider.id, &secret)).transpose()?;
    let mut tx = control.store().begin().await?;
    tx.insert_identity_provider(&provider, sealed.as_deref()).await.map_err(|error| match error {
        store::Error::Conflict { what: "id" } => Error::Conflict {
            code: "identity_provider_exists",
            detail: format!("There is an identity provider {} already.", provider.name).into(),
        },
        other => other.into(),
    })?;
    let detail = json!({ "after": &provider });
    let entry = control.entry(actor, ACTION, &target(&provider), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(provider)
}
