//! Changing a custom role.

use super::{WRITE, custom_role, target};
use crate::audit::difference;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::role::{Role, RoleChange, RoleName};

/// Changes a custom role; it counts from the next request of everybody who has it. Needs `roles:write`, and for other
/// permissions all of those that it has afterwards. A change that changes nothing writes nothing.
pub async fn change(
    control: &Control,
    actor: &Actor,
    name: &RoleName,
    change: RoleChange,
) -> Result<Role, Error> {
    const ACTION: &str = "role.update";
    control.authorise(actor, WRITE, ACTION, &target(name, "")).await?;
    let mut tx = control.store().begin().await?;
    let before = custom_role(&mut tx, name).await?;
    let mut after = before.clone();
    let errors = change.apply(&mut after);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if after == before {
        return Ok(before);
    }
    let lacked = after.permissions.without(actor.rights().global()).iter().next();
    if let Some(lacked) = lacked.filter(|_| after.permissions != before.permissions) {
        drop(tx);
        let error = Error::Forbidden(lacked);
        return Err(control.refuse(actor, lacked, ACTION, &target(name, &before.title), error).await);
    }
    tx.update_role(&after).await?;
    let detail = difference(&before, &after);
    let entry = control.entry(actor, ACTION, &target(name, &after.title), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(after)
}
