//! The end of every sign-in: noted on the account and in the audit log.

use super::{SignedIn, Subject};
use crate::users::target;
use crate::{Client, Control, Error};
use model::audit::AuditResult;
use model::user::User;
use serde_json::Value;
use store::{Standing, Tx};

pub(crate) const ACTION: &str = "session.start";

/// Commits `tx` as the sign-in of this account.
pub(super) async fn start(
    control: &Control,
    mut tx: Tx,
    standing: Standing,
    client: &Client,
    detail: Value,
) -> Result<SignedIn, Error> {
    let now = control.now();
    let rights = standing.rights();
    let Standing { user, credential_version, .. } = standing;
    tx.set_last_sign_in(&user.id, now).await?;
    let id = user.id.as_str();
    let entry =
        control.entry_by(id, &user.email, client, ACTION, &target(&user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    let subject = Subject::new(user.id.clone(), credential_version);
    Ok(SignedIn { user: User { last_sign_in_at: Some(now), ..user }, rights, subject })
}
