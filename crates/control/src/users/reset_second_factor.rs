//! Taking somebody's second factor away, whose authenticator is lost and whose recovery codes too.

use super::{WRITE, authorise, target};
use crate::{Actor, Control, Error};
use model::UserId;
use model::audit::AuditResult;
use model::session::EndedSessions;
use serde_json::json;

const ACTION: &str = "second_factor.reset";

/// Takes an account's second factor away and ends its sessions. Needs `users:write`; of a `super_admin`, to be one too.
/// One's own is taken off with password and code only, whatever one may do. Without one, nothing changes.
pub async fn reset_second_factor(
    control: &Control,
    actor: &Actor,
    id: &UserId,
) -> Result<EndedSessions, Error> {
    let tx = control.store().begin().await?;
    let (mut tx, user) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    // A management key is its maker's: it must not do what their session must not.
    if actor.answerable() == Some(id) {
        return Err(Error::Conflict {
            code: "own_second_factor",
            detail: "This is your own account. Turn its second factor off on your Profile, with password and code."
                .into(),
        });
    }
    if !tx.delete_second_factor(id).await? {
        return Ok(EndedSessions { sessions_ended: 0, current: false });
    }
    tx.outdate_credentials(id).await?;
    let sessions_ended = tx.delete_sessions_of(id, None).await?;
    let detail = json!({ "sessions_ended": sessions_ended });
    let entry = control.entry(actor, ACTION, &target(&user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(EndedSessions { sessions_ended, current: false })
}
