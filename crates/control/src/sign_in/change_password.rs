//! Changing one's own password.

use super::{Subject, lockout};
use crate::audit::Target;
use crate::{Actor, Control, Error};
use identity::password::Password;
use model::audit::AuditResult;
use model::error::FieldError;
use model::user::{MAX_PASSWORD, check_password};
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
    if let Some(error) = check_password(new.expose()) {
        return Err(Error::Invalid(vec![FieldError::new("new_password", error.message)]));
    }
    let target = Target { kind: "user", id: user.id.as_str(), name: &user.email, tenant_id: None };
    let refused = |detail| control.entry(actor, ACTION, &target, AuditResult::Failure, detail);
    if let Err(error) = lockout::count_attempt(control, &user.email, actor.client()).await {
        if let Error::LockedOut { .. } = error {
            control.record_refusal(refused(json!({ "locked_out": true }))).await?;
        }
        return Err(error);
    }
    let stored = control.store().password_hash(&user.id).await?;
    let stored = stored.as_deref().filter(|_| current.expose().len() <= MAX_PASSWORD);
    if !control.0.hasher.verify(current, stored).await? {
        control.record_refusal(refused(json!({}))).await?;
        return Err(Error::field("current_password", "is not your current password"));
    }
    lockout::forgive(control, &user.email, actor.client()).await?;
    let hash = control.0.hasher.hash(new).await?;
    let mut tx = control.store().begin().await?;
    let credential_version = tx.set_password(&user.id, &hash).await?;
    let ended = tx.delete_sessions_of(&user.id, None).await?;
    let detail = json!({ "sessions_ended": ended });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(Subject { user_id: user.id.clone(), credential_version })
}
