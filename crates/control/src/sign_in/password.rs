//! Sign-in with e-mail address and password.

use super::start::{ACTION, start};
use super::{FirstStep, HalfSession, Subject, lockout};
use crate::audit::Target;
use crate::users::target;
use crate::{Client, Control, Error};
use identity::password::Password;
use model::audit::AuditResult;
use model::user::{MAX_PASSWORD, User, UserStatus};
use serde_json::{Value, json};

const METHOD: &str = "password";
const FIRST_STEP: &str = "session.first_step";

/// Who it is, if the password is right and the account Active; with a second factor, half of it. Unknown, inactive and
/// password-less accounts get the same answer after the same work.
pub async fn sign_in(
    control: &Control,
    email: &str,
    password: Password,
    client: &Client,
) -> Result<FirstStep, Error> {
    if !control.store().takes_passwords().await? {
        record_failure(control, email, client, json!({ "method": METHOD, "switched_off": true })).await?;
        return Err(Error::PasswordsOff);
    }
    if let Err(error) = lockout::count_attempt(control, email, client).await {
        if let Error::LockedOut { .. } = error {
            record_failure(control, email, client, json!({ "method": METHOD, "locked_out": true })).await?;
        }
        return Err(error);
    }
    let credentials = control.store().credentials(email).await?;
    let stored = credentials
        .as_ref()
        .filter(|account| account.status == UserStatus::Active)
        .and_then(|account| account.password_hash.as_deref())
        .filter(|_| password.expose().len() <= MAX_PASSWORD);
    let right = control.0.hasher.verify(password, stored).await?;
    let Some(account) = credentials.filter(|_| right) else {
        record_failure(control, email, client, json!({ "method": METHOD })).await?;
        return Err(Error::InvalidCredentials);
    };
    let mut standing = control.store().standing(&account.user_id).await?.ok_or(Error::InvalidCredentials)?;
    // The one that was checked: if the credentials changed meanwhile, this is worth nothing.
    standing.credential_version = account.version;
    if standing.user.second_factor {
        lockout::uncount(control, email, client).await?;
        record_first_step(control, &standing.user, client).await?;
        let subject = Subject::new(account.user_id, account.version);
        return Ok(FirstStep::HalfWay(HalfSession::begin(control, subject, METHOD)));
    }
    lockout::forgive(control, email, client).await?;
    let tx = control.store().begin().await?;
    let signed_in = start(control, tx, standing, client, json!({ "method": METHOD })).await?;
    Ok(FirstStep::SignedIn(Box::new(signed_in)))
}

/// A right password is worth a row of its own: if no second step follows it, somebody else may know it.
async fn record_first_step(control: &Control, user: &User, client: &Client) -> Result<(), Error> {
    let (target, success) = (target(user), AuditResult::Success);
    let detail = json!({ "method": METHOD });
    let entry = control.entry_by(user.id.as_str(), &user.email, client, FIRST_STEP, &target, success, detail);
    // Whoever knows it can repeat it without end.
    control.record_refusal(entry).await
}

async fn record_failure(control: &Control, email: &str, client: &Client, detail: Value) -> Result<(), Error> {
    // What was typed into the e-mail field may be a password: it is kept only if an account has that address.
    let known = control.store().user_by_email(email).await?;
    let (id, name) = known.as_ref().map_or(("", ""), |user| (user.id.as_str(), user.email.as_str()));
    let target = Target { kind: "user", id, name, tenant_id: None };
    let entry =
        control.entry_by("anonymous", "anonymous", client, ACTION, &target, AuditResult::Failure, detail);
    control.record_refusal(entry).await
}
