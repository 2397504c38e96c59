//! Switching an account off and on.

use super::{WRITE, authorise, target};
use crate::roles::last_super_admin;
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::id::UserId;
use model::key::CutReceipt;
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
    let tx = control.store().begin().await?;
    let (mut tx, before) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    let target = target(&before);
    let reason = reason::if_given(reason.as_deref())?;
    if before.status == status {
        return Ok(SwitchedUser { user: before, receipt: CutReceipt::default() });
    }
    let inactive = status == UserStatus::Inactive;
    if inactive && before.is_super_admin() && tx.count_active_super_admins().await? <= 1 {
        return Err(last_super_admin());
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
