//! Deleting a custom role.

use super::{WRITE, custom_role, target};
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::role::{RoleName, RoleUses};
use serde_json::json;

/// Deletes a custom role. Needs `roles:write`. Refused while somebody has it.
pub async fn remove(control: &Control, actor: &Actor, name: &RoleName) -> Result<(), Error> {
    const ACTION: &str = "role.delete";
    control.authorise(actor, WRITE, ACTION, &target(name, "")).await?;
    let mut tx = control.store().begin().await?;
    let role = custom_role(&mut tx, name).await?;
    let uses = tx.uses_of_role(name).await?;
    if !uses.is_none() {
        let RoleUses { users, assignments } = uses;
        return Err(Error::Conflict {
            code: "role_in_use",
            detail: format!(
                "It is the global role of {users} accounts and given for tenants {assignments} times. Give them others first."
            )
            .into(),
        });
    }
    tx.delete_role(name).await?;
    let detail = json!({ "before": &role });
    let entry = control.entry(actor, ACTION, &target(name, &role.title), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}
