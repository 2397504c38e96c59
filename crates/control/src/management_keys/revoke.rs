//! Taking a management key back: for good, and true at once, since each request asks for it anew.

use super::{WRITE, target};
use crate::audit::Target;
use crate::{Actor, Control, Error, reason};
use model::ManagementKeyId;
use model::audit::AuditResult;
use model::management_key::ManagementKeyView;
use serde_json::json;

const ACTION: &str = "management_key.revoke";

/// Revokes a management key. Needs `management_keys:write`; one that a `super_admin` made is theirs and other
/// `super_admin`s' to revoke. Revoking a revoked key changes nothing.
pub async fn revoke(
    control: &Control,
    actor: &Actor,
    id: &ManagementKeyId,
    reason: Option<&str>,
) -> Result<ManagementKeyView, Error> {
    let asked = Target { kind: "management_key", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(actor, WRITE, ACTION, &asked).await?;
    let reason = reason::if_given(reason)?;
    let now = control.now();
    let mut tx = control.store().begin().await?;
    let before = tx.management_key(id).await?.ok_or(Error::NotFound)?;
    if let Some(creator) = &before.creator_id {
        let outranked = tx.user(creator).await?.is_some_and(|creator| actor.is_outranked_by(&creator));
        if outranked {
            drop(tx);
            return Err(control.refuse(actor, WRITE, ACTION, &target(&before), Error::Outranked).await);
        }
    }
    if !tx.revoke_management_key(id, now, actor.label(), reason.unwrap_or("revoked")).await? {
        return Ok(ManagementKeyView::new(before, now));
    }
    let after = tx.management_key(id).await?.ok_or(Error::NotFound)?;
    let detail =
        json!({ "reason": reason, "before": { "revoked_at": null }, "after": { "revoked_at": now } });
    let entry = control.entry(actor, ACTION, &target(&after), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(ManagementKeyView::new(after, now))
}
