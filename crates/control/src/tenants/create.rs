//! Making a tenant.

use super::WRITE;
use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::change::Change;
use model::tenant::{NewTenant, Tenant, TenantStatus};
use serde_json::json;

/// Makes a tenant. Needs `tenants:write`. A slug that was ever used is refused.
pub async fn create(control: &Control, actor: &Actor, new: NewTenant) -> Result<Tenant, Error> {
    let target = Target { kind: "tenant", id: new.id.as_str(), name: &new.name, tenant_id: Some(&new.id) };
    control.authorise(actor, WRITE, "tenant.create", &target).await?;
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let tenant = Tenant {
        id: new.id.clone(),
        name: new.name.clone(),
        status: TenantStatus::Active,
        suspension_locked: false,
        self_service_tags: Vec::new(),
        created_at: control.now(),
    };
    let mut tx = control.store().begin().await?;
    tx.insert_tenant(&tenant).await.map_err(|error| match error {
        store::Error::Conflict { .. } => Error::Conflict {
            code: "tenant_exists",
            detail: format!("The slug {} is or was used; slugs are never reused.", tenant.id).into(),
        },
        other => other.into(),
    })?;
    let detail = json!({ "after": &tenant });
    let entry = control.entry(actor, "tenant.create", &target, AuditResult::Success, detail);
    let change = Change::Tenant { id: tenant.id.clone(), suspended: false };
    control.commit(tx, entry, vec![change]).await?;
    Ok(tenant)
}
