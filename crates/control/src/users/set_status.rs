//! Switching an account off and on.

use super::WRITE;
use crate::audit::Target;
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::id::UserId;
use model::key::CutReceipt;
use model::role::BuiltInRole;
use model::user::{SwitchedUser, User, UserChange, UserStatus};
use serde_json::json;

const ACTION: &str = "user.set_status";

/// Sets an account Active or Inactive. Needs `users:write`; for a `super_admin`, to be one too. The last Active
/// `super_admin` stays.
///
/// When an account has become Inactive, its sessions are over, its keys are refused and their requests in flight have
/// been cut; the keys work again with the account. Setting what is so already changes nothing.
pub async fn set_status(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    change: UserChange,
) -> Result<SwitchedUser, Error> {
    let UserChange { status, reason } = change;
    let user = control.store().user(id).await?;
    let email = user.as_ref().map_or("", |user| &user.email);
    let target = Target { kind: "user", id: id.as_str(), name: email, tenant_id: None };
    control.authorise(actor, WRITE, ACTION, &target).await?;
    let reason = reason::if_given(reason.as_deref())?;
    let mut tx = control.store().begin().await?;
    let before = tx.user(id).await?.ok_or(Error::NotFound)?;
    let is_super = before.role == BuiltInRole::SuperAdmin;
    if is_super && actor.user().is_some_and(|actor| actor.role != BuiltInRole::SuperAdmin) {
        drop(tx);
        control.record_denial(actor, WRITE, ACTION, &target).await?;
        return Err(Error::Forbidden(WRITE));
    }
    if before.status == status {
        return Ok(SwitchedUser { user: before, receipt: CutReceipt::default() });
    }
    let inactive = status == UserStatus::Inactive;
    if inactive && is_super && tx.count_active_super_admins().await? <= 1 {
        return Err(Error::Conflict {
            code: "last_super_admin",
            detail: "This is the last Active super_admin. Make another one first.".into(),
        });
    }
    tx.set_user_status(id, status).await?;
    let sessions_ended = if inactive { tx.delete_sessions_of(id, None).await? } else { 0 };
    let detail = json!({
        "reason": reason,
        "before": { "status": before.status },
        "after": { "status": status },
        "sessions_ended": sessions_ended,
    });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    let changes = vec![Change::User { id: id.clone(), inactive }];
    let receipt = if inactive {
        control.commit_cut(tx, entry, changes, "user.cut").await?
    } else {
        control.commit(tx, entry, changes).await?
    };
    Ok(SwitchedUser { user: User { status, ..before }, receipt })
}
