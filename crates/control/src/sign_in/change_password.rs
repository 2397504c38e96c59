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
/// a new one with the answer; links for a new password are worth nothing any more. Wrong current passwords count as
/// sign-in attempts.
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
    let confirmed = confirm_password(control, actor, current, ACTION).await?;
    let user = confirmed.user;
    if user.second_factor {
        // Wrong codes stay counted: who knows a password must not buy guesses at the code with it.
        lockout::uncount(control, &user.email, actor.client()).await?;
    } else {
        lockout::forgive(control, &user.email, actor.client()).await?;
    }
    let hash = control.0.hasher.hash(new).await?;
    let mut tx = confirmed.begin(control).await?;
    let credential_version = tx.set_password(&user.id, &hash).await?;
    let ended = tx.delete_sessions_of(&user.id, None).await?;
    let links_ended = tx.delete_links_of(&user.id).await?;
    let detail = json!({ "sessions_ended": ended, "links_ended": links_ended });
    let entry = control.entry(actor, ACTION, &target(user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(Subject::renewed(actor, user.id.clone(), credential_version))
}
