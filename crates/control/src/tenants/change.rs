//! Changing a tenant, suspending it and letting it work again.

use super::{WRITE, authorise, target};
use crate::audit::difference;
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::id::TenantId;
use model::key::CutReceipt;
use model::tenant::{SwitchedTenant, Tenant, TenantChange, TenantStatus};
use serde_json::json;

/// Changes a tenant's name or self-service tags. Needs `tenants:write` there. A change that changes nothing writes nothing.
pub async fn change(
    control: &Control,
    actor: &Actor,
    id: &TenantId,
    change: TenantChange,
) -> Result<Tenant, Error> {
    authorise(control, actor, id, "tenant.update").await?;
    let mut tx = control.store().begin().await?;
    let before = tx.tenant(id).await?.ok_or(Error::NotFound)?;
    let mut after = before.clone();
    let errors = change.apply(&mut after);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if after == before {
        return Ok(before);
    }
    tx.update_tenant(&after).await?;
    let detail = difference(&before, &after);
    let entry = control.entry(actor, "tenant.update", &target(&after), AuditResult::Success, detail);
    let suspended = after.status == TenantStatus::Suspended;
    control.commit(tx, entry, vec![Change::Tenant { id: id.clone(), suspended }]).await?;
    Ok(after)
}

/// Suspends a tenant: when this returns, its keys are refused and their requests in flight have been cut. Needs
/// `tenants:write` there. Suspending a suspended tenant changes nothing.
pub async fn suspend(
    control: &Control,
    actor: &Actor,
    id: &TenantId,
    reason: Option<&str>,
) -> Result<SwitchedTenant, Error> {
    switch(control, actor, id, TenantStatus::Suspended, reason).await
}

/// Lets a suspended tenant's keys work again. Needs `tenants:write` there. Activating an active tenant changes nothing.
/// What who may do so everywhere has suspended, only they activate.
pub async fn activate(
    control: &Control,
    actor: &Actor,
    id: &TenantId,
    reason: Option<&str>,
) -> Result<SwitchedTenant, Error> {
    switch(control, actor, id, TenantStatus::Active, reason).await
}

async fn switch(
    control: &Control,
    actor: &Actor,
    id: &TenantId,
    status: TenantStatus,
    reason: Option<&str>,
) -> Result<SwitchedTenant, Error> {
    let suspended = status == TenantStatus::Suspended;
    let action = if suspended { "tenant.suspend" } else { "tenant.activate" };
    authorise(control, actor, id, action).await?;
    let reason = reason::if_given(reason)?;
    let mut tx = control.store().begin().await?;
    let before = tx.tenant(id).await?.ok_or(Error::NotFound)?;
    let above = actor.may(WRITE);
    if !suspended && before.suspension_locked && !above {
        drop(tx);
        let refused = Error::SetFromAbove(WRITE);
        return Err(control.refuse(actor, WRITE, action, &target(&before), refused).await);
    }
    let suspension_locked = suspended && (before.suspension_locked || above);
    if before.status == status && before.suspension_locked == suspension_locked {
        return Ok(SwitchedTenant { tenant: before, receipt: CutReceipt::default() });
    }
    let tenant = Tenant { status, suspension_locked, ..before.clone() };
    tx.update_tenant(&tenant).await?;
    let detail = json!({
        "reason": reason,
        "before": { "status": before.status, "suspension_locked": before.suspension_locked },
        "after": { "status": status, "suspension_locked": suspension_locked },
    });
    let entry = control.entry(actor, action, &target(&tenant), AuditResult::Success, detail);
    let changes = vec![Change::Tenant { id: id.clone(), suspended }];
    let receipt = if suspended {
        control.commit_cut(tx, entry, changes, "tenant.cut").await?
    } else {
        control.commit(tx, entry, changes).await?
    };
    Ok(SwitchedTenant { tenant, receipt })
}
