//! Deleting a tenant: for good, and with all that is in it.

use super::{READ, WRITE, authorise, target};
use crate::{Actor, Control, Error, reason};
use model::TenantId;
use model::audit::AuditResult;
use model::change::Change;
use model::tenant::{DeletedTenant, TenantHoldings};
use serde_json::json;

const ACTION: &str = "tenant.delete";

/// What deleting a tenant would take away. Needs `tenants:write` there.
pub async fn holdings(control: &Control, actor: &Actor, id: &TenantId) -> Result<TenantHoldings, Error> {
    if !actor.may_in(WRITE, id) {
        actor.sees(READ, Some(id))?;
        return Err(Error::Forbidden(WRITE));
    }
    control.store().tenant(id).await?.ok_or(Error::NotFound)?;
    Ok(control.store().tenant_holdings(id).await?)
}

/// Deletes a tenant. Needs `tenants:write` there; the tenant of a `super_admin` is deleted by another one.
///
/// In one transaction its keys are revoked for good, its memberships and the roles in it end, and the access rules about
/// it are removed. When this returns, no new request passes with those keys and every request in flight has been cut.
/// Usage and the audit log stay; the slug is never free again. `default` is always there.
pub async fn delete(
    control: &Control,
    actor: &Actor,
    id: &TenantId,
    reason: Option<&str>,
) -> Result<DeletedTenant, Error> {
    authorise(control, actor, id, ACTION).await?;
    let reason = reason::if_given(reason)?;
    if *id == TenantId::default_tenant() {
        let detail = "Every new account joins it: suspend it, or take its people out.".into();
        return Err(Error::Conflict { code: "default_tenant", detail });
    }
    let now = control.now();
    let mut tx = control.store().begin().await?;
    let tenant = tx.tenant(id).await?.ok_or(Error::NotFound)?;
    if !actor.is_super_admin() && tx.has_super_admin(id).await? {
        drop(tx);
        return Err(control.refuse(actor, WRITE, ACTION, &target(&tenant), Error::Outranked).await);
    }
    let holdings = tx.tenant_holdings(id).await?;
    let members = tx.members_of(id).await?;
    let why = reason.unwrap_or("the tenant was deleted");
    let keys = tx.revoke_keys_of_tenant(id, now, actor.label(), why).await?;
    tx.delete_tenant(id, now).await?;
    let detail = json!({ "reason": reason, "before": &tenant, "holdings": holdings, "keys_revoked": keys });
    let entry = control.entry(actor, ACTION, &target(&tenant), AuditResult::Success, detail);
    let mut changes: Vec<_> = keys.into_iter().map(|id| Change::KeyRevoked { id }).collect();
    changes.extend(members.into_iter().map(|id| Change::User { id, inactive: false }));
    changes.push(Change::Tenant { id: id.clone(), suspended: true });
    changes.push(Change::AccessRules);
    let receipt = control.commit_cut(tx, entry, changes, "tenant.cut").await?;
    Ok(DeletedTenant { id: id.clone(), holdings, receipt })
}
