//! Leaving a tenant.

use super::{READ, WRITE, target};
use crate::audit::Target;
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::membership::EndedMembership;
use model::{TenantId, UserId};
use serde_json::json;

/// Takes somebody out of a tenant. Needs `memberships:write` there; a `super_admin` is taken out by another one.
///
/// In one transaction their keys there are revoked for good, their roles there end, and they are no member any more. When
/// this returns, no new request passes with those keys and every request in flight has been cut.
pub async fn end(
    control: &Control,
    actor: &Actor,
    user_id: &UserId,
    tenant_id: &TenantId,
    reason: Option<&str>,
) -> Result<EndedMembership, Error> {
    const ACTION: &str = "membership.delete";
    let asked = Target { kind: "membership", id: user_id.as_str(), name: "", tenant_id: Some(tenant_id) };
    control.authorise_in(actor, WRITE, READ, Some(tenant_id), ACTION, &asked).await?;
    let reason = reason::if_given(reason)?;
    let now = control.now();
    let mut tx = control.store().begin().await?;
    let user = tx.user(user_id).await?.filter(|user| user.tenant_ids.contains(tenant_id));
    let user = user.ok_or(Error::NotFound)?;
    if actor.is_outranked_by(&user) {
        drop(tx);
        return Err(control.refuse(actor, WRITE, ACTION, &target(&user, tenant_id), Error::Outranked).await);
    }
    let keys = tx.unrevoked_keys_of(user_id, Some(tenant_id)).await?;
    for key in &keys {
        tx.revoke_key(key, now, actor.label(), reason.unwrap_or("the owner left the tenant")).await?;
    }
    tx.remove_member(user_id, tenant_id).await?;
    let roles = user.assignments.iter().filter(|held| held.tenant_id.as_ref() == Some(tenant_id));
    let roles: Vec<_> = roles.map(|held| &held.role).collect();
    let detail = json!({
        "reason": reason,
        "before": { "user_id": user_id, "tenant_id": tenant_id, "roles": roles },
        "keys_revoked": keys,
    });
    let entry = control.entry(actor, ACTION, &target(&user, tenant_id), AuditResult::Success, detail);
    let mut changes: Vec<_> = keys.iter().map(|id| Change::KeyRevoked { id: *id }).collect();
    changes.push(Change::User { id: user_id.clone(), inactive: false });
    let receipt = control.commit_cut(tx, entry, changes, "membership.cut").await?;
    Ok(EndedMembership {
        user_id: user_id.clone(),
        tenant_id: tenant_id.clone(),
        keys_revoked: u64::try_from(keys.len()).unwrap_or(u64::MAX),
        receipt,
    })
}
