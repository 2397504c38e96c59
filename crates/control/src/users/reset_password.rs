//! Giving an account a new password from the command line.

use super::WRITE;
use crate::audit::Target;
use crate::{Actor, Control, Error};
use identity::password::Password;
use model::audit::AuditResult;
use model::id::UserId;
use model::role::BuiltInRole;
use model::user::check_password;
use serde_json::json;

/// Sets a new password and ends all sessions of the account. Needs `users:write`; for a `super_admin`, to be one too.
pub async fn reset_password(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    password: Password,
) -> Result<(), Error> {
    let user = control.store().user(id).await?;
    let email = user.as_ref().map_or("", |user| &user.email);
    let target = Target { kind: "user", id: id.as_str(), name: email, tenant_id: None };
    control.authorise(actor, WRITE, "user.reset_password", &target).await?;
    let user = user.as_ref().ok_or(Error::NotFound)?;
    let outranked = user.role == BuiltInRole::SuperAdmin
        && actor.user().is_some_and(|actor| actor.role != BuiltInRole::SuperAdmin);
    if outranked {
        control.record_denial(actor, WRITE, "user.reset_password", &target).await?;
        return Err(Error::Forbidden(WRITE));
    }
    if let Some(error) = check_password(password.expose()) {
        return Err(Error::Invalid(vec![error]));
    }
    let hash = control.0.hasher.hash(password).await?;
    let mut tx = control.store().begin().await?;
    tx.set_password(id, &hash).await?;
    let ended = tx.delete_sessions_of(id, None).await?;
    let detail = json!({ "sessions_ended": ended });
    let entry = control.entry(actor, "user.reset_password", &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}
