//! Giving an account another global role.

use super::{ASSIGN, lacking, last_super_admin, role_to_give};
use crate::users::{refuse_unseen, target};
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::id::UserId;
use model::role::RoleOfUser;
use model::user::{User, UserStatus};
use serde_json::json;

/// Gives an account another global role; it counts from their next request. Needs `roles:assign` everywhere and what the
/// new role holds; back to `user` nothing more. The last Active `super_admin` stays one, and only another one makes a
/// `super_admin` less. Giving the role that they have changes nothing.
pub async fn set_role(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    change: RoleOfUser,
) -> Result<User, Error> {
    const ACTION: &str = "user.set_role";
    let mut tx = control.store().begin().await?;
    let before = tx.user(id).await?;
    if !actor.may(ASSIGN) {
        drop(tx);
        return Err(refuse_unseen(control, actor, ASSIGN, id, before.as_ref(), ACTION).await);
    }
    let before = before.ok_or(Error::NotFound)?;
    let reason = reason::if_given(change.reason.as_deref())?;
    let role = role_to_give(&mut tx, &change.role).await?;
    if before.role == role.name {
        return Ok(before);
    }
    if actor.is_outranked_by(&before) {
        drop(tx);
        return Err(control.refuse(actor, ASSIGN, ACTION, &target(&before), Error::Outranked).await);
    }
    if let Some(lacked) = lacking(actor, &role, None, Some(id)) {
        drop(tx);
        return Err(control.refuse(actor, lacked, ACTION, &target(&before), Error::Forbidden(lacked)).await);
    }
    let last = before.is_super_admin()
        && before.status == UserStatus::Active
        && tx.count_active_super_admins().await? <= 1;
    if last {
        return Err(last_super_admin());
    }
    tx.set_user_role(id, &role.name).await?;
    let detail = json!({
        "reason": reason,
        "before": { "role": before.role },
        "after": { "role": role.name },
    });
    let entry = control.entry(actor, ACTION, &target(&before), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(User { role: role.name, ..before })
}
