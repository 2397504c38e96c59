//! Giving an account a new password from the command line.

use super::{WRITE, authorise, authorise_takeover, target};
use crate::{Actor, Control, Error, new_password};
use identity::password::Password;
use model::audit::AuditResult;
use model::id::UserId;
use serde_json::json;

const ACTION: &str = "user.reset_password";

/// Sets a new password and ends all sessions of the account. Needs `users:write`, and to be somebody who could
/// have given the account its roles; for a `super_admin`, to be one too.
pub async fn reset_password(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    password: Password,
) -> Result<(), Error> {
    let tx = control.store().begin().await?;
    let (tx, user) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    drop(authorise_takeover(control, tx, actor, &user, ACTION).await?);
    if let Some(error) = new_password::check(control, &password, &user).await? {
        return Err(Error::Invalid(vec![error]));
    }
    let hash = control.0.hasher.hash(password).await?;
    // Asked again where nothing moves any more: the account may have been given a role meanwhile.
    let tx = control.store().begin().await?;
    let (tx, user) = authorise(control, tx, actor, WRITE, id, ACTION).await?;
    let mut tx = authorise_takeover(control, tx, actor, &user, ACTION).await?;
    tx.delete_links_of(id).await?;
    tx.set_password(id, &hash).await?;
    let ended = tx.delete_sessions_of(id, None).await?;
    let detail = json!({ "sessions_ended": ended });
    let entry = control.entry(actor, ACTION, &target(&user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}
