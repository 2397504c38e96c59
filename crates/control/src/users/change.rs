//! Changing an account.

use super::{WRITE, authorise, authorise_takeover, target};
use crate::audit::difference;
use crate::roles::last_super_admin;
use crate::{Actor, Control, Error, reason};
use model::audit::AuditResult;
use model::change::Change;
use model::id::UserId;
use model::key::CutReceipt;
use model::user::{AccountChange, SwitchedUser, UserStatus, fold};
use serde_json::json;

const UPDATE: &str = "user.update";
const SET_STATUS: &str = "user.set_status";

/// Changes an account's name, e-mail address, organization unit or status. Needs `users:write`; for a `super_admin`, to be
/// one too. People sign in by their e-mail address, so another one takes what giving them all of their roles would. The
/// last Active `super_admin` stays Active.
///
/// When an account has become Inactive, its sessions are over, its keys are refused and their requests in flight have
/// been cut; the keys work again with the account. A change that changes nothing writes nothing.
pub async fn change(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    change: AccountChange,
) -> Result<SwitchedUser, Error> {
    let switches = change.status.is_some()
        && change.name.is_none()
        && change.email.is_none()
        && change.organization_unit.is_none();
    let action = if switches { SET_STATUS } else { UPDATE };
    let tx = control.store().begin().await?;
    let (mut tx, before) = authorise(control, tx, actor, WRITE, id, action).await?;
    let reason = change.reason.clone();
    let reason = reason::if_given(reason.as_deref())?;
    let mut after = before.clone();
    let errors = change.apply(&mut after);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if after == before {
        return Ok(SwitchedUser { user: before, receipt: CutReceipt::default() });
    }
    if fold(&after.email) != fold(&before.email) {
        tx = authorise_takeover(control, tx, actor, &before, action).await?;
    }
    let turns = after.status != before.status;
    let ends = turns && after.status == UserStatus::Inactive;
    if ends && before.is_super_admin() && tx.count_active_super_admins().await? <= 1 {
        return Err(last_super_admin());
    }
    tx.update_user(&after).await.map_err(|error| match error {
        store::Error::Conflict { what: "email" } => Error::field("email", "is taken by another account"),
        other => other.into(),
    })?;
    let mut detail = difference(&before, &after);
    detail["reason"] = json!(reason);
    if ends {
        tx.outdate_credentials(id).await?;
        detail["sessions_ended"] = json!(tx.delete_sessions_of(id, None).await?);
        detail["links_ended"] = json!(tx.delete_links_of(id).await?);
    }
    let entry = control.entry(actor, action, &target(&before), AuditResult::Success, detail);
    let changes = vec![Change::User { id: id.clone(), inactive: ends }];
    let receipt = if ends {
        control.commit_cut(tx, entry, changes, "user.cut").await?
    } else {
        control.commit(tx, entry, changes).await?
    };
    Ok(SwitchedUser { user: after, receipt })
}
