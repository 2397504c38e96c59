//! Asking somebody who is signed in for their password once more, before something that their session alone must not do.

use super::lockout;
use crate::users::target;
use crate::{Actor, Control, Error};
use identity::password::Password;
use model::audit::AuditResult;
use model::user::{MAX_PASSWORD, User};
use serde_json::json;

/// The person, if this is their password; it counts as an attempt to sign in, which the caller takes back with
/// [`lockout::forgive`] once everything that they were asked for was right. A refusal is written down as `action`.
pub(crate) async fn confirm_password<'a>(
    control: &Control,
    actor: &'a Actor,
    password: Password,
    action: &'static str,
) -> Result<&'a User, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let refused = |detail| control.entry(actor, action, &target(user), AuditResult::Failure, detail);
    if let Err(error) = lockout::count_attempt(control, &user.email, actor.client()).await {
        if let Error::LockedOut { .. } = error {
            control.record_refusal(refused(json!({ "locked_out": true }))).await?;
        }
        return Err(error);
    }
    let stored = control.store().password_hash(&user.id).await?;
    let stored = stored.as_deref().filter(|_| password.expose().len() <= MAX_PASSWORD);
    if !control.0.hasher.verify(password, stored).await? {
        control.record_refusal(refused(json!({}))).await?;
        return Err(Error::field("current_password", "is not your current password"));
    }
    Ok(user)
}
