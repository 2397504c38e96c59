//! Asking somebody who is signed in for their password once more, before something that their session alone must not do.

use super::lockout;
use crate::users::target;
use crate::{Actor, Control, Error};
use identity::password::Password;
use model::audit::AuditResult;
use model::user::{MAX_PASSWORD, User, UserSource, UserStatus};
use serde_json::json;
use std::time::Duration;
use store::Tx;

/// How long a proof at an identity provider stands for the password that an account doesn't have.
const STEP_UP_LASTS: Duration = Duration::from_mins(5);

/// Somebody who knew their password a moment ago, or has none and proved themselves at their identity provider.
pub(crate) struct Confirmed<'a> {
    pub(crate) user: &'a User,
    version: i64,
}

impl Confirmed<'_> {
    /// A transaction in which that still holds: nobody has reset the password, switched the account off or ended all of its
    /// sessions meanwhile, which would otherwise be undone by what is written now.
    pub(crate) async fn begin(&self, control: &Control) -> Result<Tx, Error> {
        let mut tx = control.store().begin().await?;
        if tx.has_credentials(&self.user.id, self.version).await? {
            Ok(tx)
        } else {
            Err(Error::Unauthenticated)
        }
    }
}

/// The person, if this is their password; it counts as an attempt to sign in, which the caller takes back with
/// [`lockout::forgive`] once everything that they were asked for was right. A refusal is written down as `action`.
pub(crate) async fn confirm_password<'a>(
    control: &Control,
    actor: &'a Actor,
    password: Password,
    action: &'static str,
) -> Result<Confirmed<'a>, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let refused = |detail| control.entry(actor, action, &target(user), AuditResult::Failure, detail);
    if let Err(error) = lockout::count_attempt(control, &user.email, actor.client()).await {
        if let Error::LockedOut { .. } = error {
            control.record_refusal(refused(json!({ "locked_out": true }))).await?;
        }
        return Err(error);
    }
    let credentials = control.store().credentials(&user.email).await?;
    let own = credentials.filter(|own| own.user_id == user.id && own.status == UserStatus::Active);
    if own.as_ref().is_none_or(|own| actor.credential_version() != Some(own.version)) {
        // The session has ended since this request came.
        return Err(Error::Unauthenticated);
    }
    let passwordless =
        own.as_ref().filter(|own| own.password_hash.is_none() && has_stepped_up(control, actor));
    if let Some(own) = passwordless {
        return Ok(Confirmed { user, version: own.version });
    }
    let stored = own.as_ref().and_then(|own| own.password_hash.as_deref());
    let stored = stored.filter(|_| password.expose().len() <= MAX_PASSWORD);
    let right = control.0.hasher.verify(password, stored).await?;
    let Some(own) = own.filter(|_| right) else {
        control.record_refusal(refused(json!({}))).await?;
        return Err(Error::field("current_password", "is not your current password"));
    };
    Ok(Confirmed { user, version: own.version })
}

/// Whether somebody without a password here has proven themselves at their identity provider a moment ago.
fn has_stepped_up(control: &Control, actor: &Actor) -> bool {
    let at = actor.provider().and_then(|provider| provider.confirmed_at);
    let local = actor.user().is_some_and(|user| user.source == UserSource::Local);
    local && at.is_some_and(|at| control.now().since(at) < STEP_UP_LASTS)
}
