//! Changing an identity provider. Its stored secret stays only with the issuer that it was given for: who doesn't know
//! it can't have it sent elsewhere.

use super::super::{WRITE, target, target_named};
use super::{fold_domains, keep_a_way_in, seal};
use crate::audit::difference;
use crate::{Actor, Control, Error};
use model::IdentityProviderName;
use model::audit::AuditResult;
use model::sso::{IdentityProvider, IdentityProviderChange, SecretChange};
use serde_json::json;

const ACTION: &str = "identity_provider.update";

/// Changes an identity provider. Needs `sso:write`. Switched off or with another issuer, the sessions that were begun with
/// it end; the last way in stays on.
pub async fn change(
    control: &Control,
    actor: &Actor,
    name: &IdentityProviderName,
    change: IdentityProviderChange,
) -> Result<IdentityProvider, Error> {
    control.authorise(actor, WRITE, ACTION, &target_named(name)).await?;
    let mut tx = control.store().begin().await?;
    let stored = tx.identity_provider(name).await?.ok_or(Error::NotFound)?;
    let before = stored.provider;
    let mut after = before.clone();
    let secret = change.apply(&mut after).map_err(Error::Invalid)?;
    fold_domains(&mut after)?;
    let sealed = match &secret {
        SecretChange::Keep if after == before => return Ok(before),
        SecretChange::Keep => stored.sealed_client_secret,
        SecretChange::Set(secret) => Some(seal(control, &after.id, secret)?),
        SecretChange::Remove => None,
    };
    let switched_off = before.enabled && !after.enabled;
    if switched_off {
        keep_a_way_in(&mut tx, &after.id).await?;
    }
    tx.update_identity_provider(&after, sealed.as_deref()).await?;
    let mut detail = difference(&before, &after);
    detail["client_secret"] = json!(secret.as_str());
    if switched_off || before.issuer != after.issuer {
        detail["sessions_ended"] = json!(tx.delete_sessions_of_provider(&after.id, None).await?);
    }
    let entry = control.entry(actor, ACTION, &target(&after), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(after)
}
