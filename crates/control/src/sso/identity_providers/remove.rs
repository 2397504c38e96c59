//! Removing an identity provider.

use super::super::{WRITE, target, target_named};
use super::keep_a_way_in;
use crate::{Actor, Control, Error};
use model::IdentityProviderName;
use model::audit::AuditResult;
use serde_json::json;

const ACTION: &str = "identity_provider.delete";

/// Removes an identity provider and its secret, and ends the sessions that were begun with it. Needs `sso:write`. Its
/// people's identities stay, so that they are the same people if it comes back; the last way in isn't removed.
pub async fn remove(control: &Control, actor: &Actor, name: &IdentityProviderName) -> Result<(), Error> {
    control.authorise(actor, WRITE, ACTION, &target_named(name)).await?;
    let mut tx = control.store().begin().await?;
    let provider = tx.identity_provider(name).await?.ok_or(Error::NotFound)?.provider;
    if provider.enabled {
        keep_a_way_in(&mut tx, &provider.id).await?;
    }
    let sessions_ended = tx.delete_sessions_of_provider(&provider.id, None).await?;
    tx.delete_identity_provider(&provider.id).await?;
    let detail = json!({ "before": &provider, "sessions_ended": sessions_ended });
    let entry = control.entry(actor, ACTION, &target(&provider), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}
