//! What a change of roles would do, told before it is saved: whom it is about, and which permissions come and go. Nothing
//! is written; whether it may be saved is decided when it is.

use super::{ASSIGN, WRITE, unknown};
use crate::users::is_seen;
use crate::{Actor, Control, Error};
use model::role::{
    AccessChange, AccessEffect, AffectedUser, Assignment, NewAssignment, PermissionSet, Rights, RoleName,
};
use model::user::User;
use model::{TenantId, Total, UserId};

/// The effect of a change. Needs what the change itself needs to be tried: `roles:assign` in its scope, or
/// `roles:write`.
pub async fn preview(control: &Control, actor: &Actor, change: &AccessChange) -> Result<AccessEffect, Error> {
    match change {
        AccessChange::ChangeRole { name, permissions } => {
            if !actor.may(WRITE) {
                return Err(Error::Forbidden(WRITE));
            }
            let role = control.store().role(name).await?.filter(|role| !role.built_in);
            let before = role.ok_or(Error::NotFound)?.permissions;
            let (affected, mut first) = control.store().holders_of_role(name).await?;
            if !actor.may(crate::users::READ) {
                // How many is told, not who.
                first.clear();
            }
            Ok(effect(affected, first, before, *permissions))
        }
        AccessChange::SetRole { user_id, role } => {
            let user = seen(control, actor, user_id, None).await?;
            let after = User { role: known(control, role).await?, ..user.clone() };
            of_user(control, &user, &after, None).await
        }
        AccessChange::Assign { user_id, assignment: NewAssignment { tenant_id, role } } => {
            let user = seen(control, actor, user_id, Some(tenant_id)).await?;
            let mut after = user.clone();
            let role = known(control, role).await?;
            after.assignments.push(Assignment { tenant_id: Some(tenant_id.clone()), role });
            of_user(control, &user, &after, Some(tenant_id)).await
        }
        AccessChange::Unassign { user_id, assignment: NewAssignment { tenant_id, role } } => {
            let user = seen(control, actor, user_id, Some(tenant_id)).await?;
            let mut after = user.clone();
            after.assignments.retain(|held| held.tenant_id.as_ref() != Some(tenant_id) || held.role != *role);
            of_user(control, &user, &after, Some(tenant_id)).await
        }
    }
}

async fn seen(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    scope: Option<&TenantId>,
) -> Result<User, Error> {
    if !actor.rights().at(scope).contains(ASSIGN) {
        return Err(Error::Forbidden(ASSIGN));
    }
    let user = control.store().user(id).await?;
    user.filter(|user| is_seen(actor, ASSIGN, user)).ok_or(Error::NotFound)
}

async fn known(control: &Control, name: &RoleName) -> Result<RoleName, Error> {
    let role = control.store().role(name).await?;
    Ok(role.ok_or_else(|| Error::Invalid(vec![unknown()]))?.name)
}

async fn of_user(
    control: &Control,
    before: &User,
    after: &User,
    scope: Option<&TenantId>,
) -> Result<AccessEffect, Error> {
    let custom = control.store().custom_permissions().await?;
    let rights = |user: &User| Rights::resolve(&user.role, &user.assignments, &custom).at(scope);
    let User { id, name, email, .. } = before.clone();
    let affected = Total { count: 1, capped: false };
    Ok(effect(affected, vec![AffectedUser { id, name, email }], rights(before), rights(after)))
}

fn effect(
    affected: Total,
    first: Vec<AffectedUser>,
    before: PermissionSet,
    after: PermissionSet,
) -> AccessEffect {
    AccessEffect { affected, first, gained: after.without(before), lost: before.without(after) }
}
