//! The second factor of local accounts: enrolling one, taking it off, recovery codes.
//!
//! The secret is sealed at rest and leaves the server once, before it is worth anything. Whatever changes here asks for
//! the password, and ends every session but the one that it was done in.

mod check;
mod enrol;
mod read;
mod recovery;
mod remove;

pub(crate) use check::{Presented, present};
pub use enrol::{begin, enrol};
pub use read::read;
pub use recovery::renew_recovery_codes;
pub use remove::remove;

use crate::sign_in::{Subject, confirm_password, forgive};
use crate::users::target;
use crate::{Actor, Control, Error};
use identity::password::Password;
use model::UserId;
use model::audit::AuditResult;
use model::user::User;
use serde_json::json;
use store::Tx;

/// What a secret is sealed for.
fn purpose(user: &UserId) -> String {
    format!("second-factor:{user}")
}

fn not_there() -> Error {
    Error::Conflict {
        code: "no_second_factor",
        detail: "This account has no second factor. Turn one on first.".into(),
    }
}

/// The person and a transaction in which their code was taken, if password and code are right. Both together are one
/// attempt to sign in; a wrong one is written down as `action`.
async fn confirm<'a>(
    control: &Control,
    actor: &'a Actor,
    password: Password,
    code: &str,
    action: &'static str,
) -> Result<(Tx, &'a User), Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    if control.store().second_factor(&user.id).await?.is_none() {
        return Err(not_there());
    }
    let confirmed = confirm_password(control, actor, password, action).await?;
    let mut tx = confirmed.begin(control).await?;
    if present(control, &mut tx, &user.id, code).await?.is_none() {
        drop(tx);
        let detail = json!({ "second_factor": "wrong" });
        let entry = control.entry(actor, action, &target(user), AuditResult::Failure, detail);
        control.record_refusal(entry).await?;
        return Err(Error::field("code", "is not the code of this moment, nor a recovery code"));
    }
    Ok((tx, user))
}

/// Commits what somebody did to their own second factor, ends their sessions, and takes the attempt back. The edge begins
/// a new session with the answer.
async fn commit_own(
    control: &Control,
    mut tx: Tx,
    actor: &Actor,
    user: &User,
    action: &'static str,
) -> Result<Subject, Error> {
    let credential_version = tx.outdate_credentials(&user.id).await?;
    let ended = tx.delete_sessions_of(&user.id, None).await?;
    let detail = json!({ "sessions_ended": ended });
    let entry = control.entry(actor, action, &target(user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    forgive(control, &user.email, actor.client()).await?;
    Ok(Subject::renewed(actor, user.id.clone(), credential_version))
}
