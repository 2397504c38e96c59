//! Changing one's own password.

use super::{Subject, confirm_password, lockout};
use crate::users::target;
use crate::{Actor, Control, Error, new_password};
use identity::password::Password;
use model::audit::AuditResult;
use model::error::FieldError;
use serde_json::json;

const ACTION: &str = "user.change_password";

/// Sets a new password after checking the current one, and ends all sessions of the user; the edge begins
/// a new one with the answer. Wrong current passwords count as sign-in attempts.
pub async fn change_password(
    control: &Control,
    actor: &Actor,
    current: Password,
    new: Password,
) -> Result<Subject, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    if let Some(error) = new_password::check(control, &new, user).await? {
        return Err(Error::Invalid(vec![FieldError::new("new_password", error.message)]));
    }
    let user = confirm_password(control, actor, current, ACTION).await?;
    lockout::forgive(control, &user.email, actor.client()).await?;
    let hash = control.0.hasher.hash(new).await?;
    let mut tx = control.store().begin().await?;
    let credential_version = tx.set_password(&user.id, &hash).await?;
    let ended = tx.delete_sessions_of(&user.id, None).await?;
    let detail = json!({ "sessions_ended": ended });
    let entry = control.entry(actor, ACTION, &target(user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(Subject { user_id: user.id.clone(), credential_version })
}
