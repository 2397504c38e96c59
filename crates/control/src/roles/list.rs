//! The roles that there are, and what permissions mean.

use super::{ASSIGN, READ, lacking};
use crate::{Actor, Control, Error};
use model::TenantId;
use model::role::{BuiltInRole, Permission, PermissionView, Role, RoleName, RoleView};

/// All roles, the built-in ones first, and how often each is given. Needs `roles:read`.
pub async fn list(control: &Control, actor: &Actor) -> Result<Vec<RoleView>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let uses = control.store().role_uses().await?;
    let view = |role: Role| {
        let uses = uses.get(&role.name).copied().unwrap_or_default();
        RoleView { role, uses }
    };
    Ok(all(control).await?.into_iter().map(view).collect())
}

async fn all(control: &Control) -> Result<Vec<Role>, Error> {
    let mut roles: Vec<Role> = BuiltInRole::ALL.into_iter().map(Role::from).collect();
    roles.extend(control.store().custom_roles().await?);
    Ok(roles)
}

/// One role, and how often it is given. Needs `roles:read`.
pub async fn read(control: &Control, actor: &Actor, name: &RoleName) -> Result<RoleView, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let role = control.store().role(name).await?.ok_or(Error::NotFound)?;
    let uses = control.store().uses_of_role(name).await?;
    Ok(RoleView { role, uses })
}

/// The roles that `actor` may give to others in this scope, for forms. Needs `roles:assign` there.
pub async fn assignable(
    control: &Control,
    actor: &Actor,
    scope: Option<&TenantId>,
) -> Result<Vec<Role>, Error> {
    if !actor.rights().at(scope).contains(ASSIGN) {
        return Err(Error::Forbidden(ASSIGN));
    }
    let roles = all(control).await?.into_iter();
    Ok(roles.filter(|role| lacking(actor, role, scope, None).is_none()).collect())
}

/// Every permission with what it means. Needs `roles:read`.
pub fn permissions(actor: &Actor) -> Result<Vec<PermissionView>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(Permission::all().map(Permission::view).collect())
}
