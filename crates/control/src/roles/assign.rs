//! Roles for single tenants.

use super::{ASSIGN, lacking, role_to_give};
use crate::audit::Target;
use crate::users::{is_seen, refuse_unseen, target};
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::id::UserId;
use model::role::{Assignment, NewAssignment, PermissionSet, Reach};
use model::user::User;
use serde_json::json;
use store::Tx;

/// All roles of an account: the global one first, then those for tenants, as far as `actor` sees the account. Needs
/// `users:read` or `roles:assign` in one of its tenants.
pub async fn assignments(control: &Control, actor: &Actor, id: &UserId) -> Result<Vec<Assignment>, Error> {
    let reaches = [actor.reach(crate::users::READ), actor.reach(ASSIGN)];
    if reaches.iter().all(|reach| *reach == Reach::Nowhere) {
        return Err(Error::Forbidden(crate::users::READ));
    }
    let user = control.store().user(id).await?.filter(|user| is_seen(actor, ASSIGN, user));
    let User { role, assignments, .. } = user.ok_or(Error::NotFound)?;
    let seen = |held: &Assignment| {
        held.tenant_id.as_ref().is_some_and(|tenant| reaches.iter().any(|reach| reach.covers(tenant)))
    };
    let global = Assignment { tenant_id: None, role };
    Ok([global].into_iter().chain(assignments.into_iter().filter(seen)).collect())
}

/// Gives an account a role for one of its tenants; it counts from their next request. Needs `roles:assign` there, and
/// there what the role holds. Giving what they have changes nothing.
pub async fn assign(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    new: NewAssignment,
) -> Result<Assignment, Error> {
    const ACTION: &str = "user.assign_role";
    let (mut tx, user) = user_to_assign(control, actor, id, &new, ACTION).await?;
    let NewAssignment { tenant_id, role } = new;
    let given = role_to_give(&mut tx, &role).await?;
    if let Some(lacked) = lacking(actor, &given, Some(&tenant_id), Some(id)) {
        drop(tx);
        let target = Target { tenant_id: Some(&tenant_id), ..target(&user) };
        return Err(control.refuse(actor, lacked, ACTION, &target, Error::Forbidden(lacked)).await);
    }
    if !user.tenant_ids.contains(&tenant_id) {
        return Err(Error::field("tenant_id", "must be a tenant that the account is a member of"));
    }
    if given.permissions.and(PermissionSet::IN_TENANTS).is_empty() {
        return Err(Error::field("role", "gives nothing in a tenant; give it as the global role"));
    }
    if tx.add_assignment(id, &tenant_id, &role, control.now()).await? {
        let detail = json!({ "after": { "role": role, "tenant_id": tenant_id } });
        let target = Target { tenant_id: Some(&tenant_id), ..target(&user) };
        let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
        control.commit(tx, entry, Vec::new()).await?;
    }
    Ok(Assignment { tenant_id: Some(tenant_id), role })
}

/// Takes a role for a tenant away; that counts from their next request. Needs `roles:assign` there; from a `super_admin`
/// only another one takes anything.
pub async fn unassign(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    held: &NewAssignment,
) -> Result<(), Error> {
    const ACTION: &str = "user.unassign_role";
    let (mut tx, user) = user_to_assign(control, actor, id, held, ACTION).await?;
    let NewAssignment { tenant_id, role } = held;
    let target = Target { tenant_id: Some(tenant_id), ..target(&user) };
    if actor.is_outranked_by(&user) {
        drop(tx);
        return Err(control.refuse(actor, ASSIGN, ACTION, &target, Error::Outranked).await);
    }
    if !tx.remove_assignment(id, tenant_id, role).await? {
        return Err(Error::NotFound);
    }
    let detail = json!({ "before": { "role": role, "tenant_id": tenant_id } });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}

/// The account in a transaction, if `actor` may give and take roles in that tenant and sees the account.
async fn user_to_assign(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    assignment: &NewAssignment,
    action: &'static str,
) -> Result<(Tx, User), Error> {
    let mut tx = control.store().begin().await?;
    let user = tx.user(id).await?;
    let there = actor.may_in(ASSIGN, &assignment.tenant_id);
    match user {
        Some(user) if there && is_seen(actor, ASSIGN, &user) => Ok((tx, user)),
        None if actor.may(ASSIGN) => Err(Error::NotFound),
        user => {
            drop(tx);
            Err(refuse_unseen(control, actor, ASSIGN, id, user.as_ref(), action).await)
        }
    }
}
