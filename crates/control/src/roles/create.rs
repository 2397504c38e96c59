//! Making a custom role.

use super::{WRITE, target};
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::role::{NewRole, Role};
use serde_json::json;

/// Most custom roles: they are read whole.
const MAX_ROLES: u64 = 200;

/// Makes a custom role. Needs `roles:write` and every permission that is in it.
pub async fn create(control: &Control, actor: &Actor, new: NewRole) -> Result<Role, Error> {
    const ACTION: &str = "role.create";
    let (name, title) = (new.name.clone(), new.title.clone());
    let target = target(&name, &title);
    control.authorise(actor, WRITE, ACTION, &target).await?;
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let role = new.into_role();
    if let Some(lacked) = role.permissions.without(actor.rights().global()).iter().next() {
        return Err(control.refuse(actor, lacked, ACTION, &target, Error::Forbidden(lacked)).await);
    }
    let mut tx = control.store().begin().await?;
    if tx.count_custom_roles().await? >= MAX_ROLES {
        return Err(Error::Conflict {
            code: "too_many_roles",
            detail: format!("There can be at most {MAX_ROLES} custom roles.").into(),
        });
    }
    tx.insert_role(&role, control.now(), actor.label()).await.map_err(|error| match error {
        store::Error::Conflict { what: "role" } => {
            Error::Conflict { code: "role_exists", detail: format!("There is a role {name} already.").into() }
        }
        other => other.into(),
    })?;
    let detail = json!({ "after": &role });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(role)
}
