//! The second step of a sign-in: a code of the authenticator, or a recovery code.

use super::start::{ACTION, start};
use super::{HALF_SESSION_LIFE, HalfSession, SignedIn, Subject, lockout};
use crate::second_factor::{Presented, present};
use crate::users::target;
use crate::{Client, Control, Error};
use model::audit::AuditResult;
use model::user::{User, UserStatus};
use serde_json::{Value, json};

const RECOVERY_USED: &str = "second_factor.recovery_used";

impl HalfSession {
    /// Of somebody who has just proven the first half.
    pub(crate) fn begin(control: &Control, subject: Subject, method: &str) -> Self {
        let expires_at = control.now().after(HALF_SESSION_LIFE);
        Self { subject, method: method.to_owned(), expires_at }
    }

    /// Whether there is still time.
    pub fn is_open(&self, control: &Control) -> bool {
        control.now() < self.expires_at
    }
}

/// Who it is, if the code is right. A wrong one counts as a wrong password does, and a right one is taken once.
pub async fn second_step(
    control: &Control,
    half: &HalfSession,
    code: &str,
    client: &Client,
) -> Result<SignedIn, Error> {
    let standing = control.store().standing(&half.subject.user_id).await?.filter(|standing| {
        half.is_open(control)
            && standing.credential_version == half.subject.credential_version
            && standing.user.status == UserStatus::Active
    });
    let standing = standing.ok_or(Error::SecondStepOver)?;
    let user = &standing.user;
    let detail = |part: Value| json!({ "method": half.method, "second_factor": part });
    if let Err(error) = lockout::count_attempt(control, &user.email, client).await {
        if let Error::LockedOut { .. } = error {
            record_failure(control, user, client, detail(json!("locked_out"))).await?;
        }
        return Err(error);
    }
    let mut tx = control.store().begin().await?;
    let (tx, with) = match present(control, &mut tx, &user.id, code).await? {
        Some(Presented::Code) => (tx, "code"),
        // Two things happen, and each has its row: a code is gone, and somebody is in.
        Some(Presented::RecoveryCode { left }) => {
            let (id, detail) = (user.id.as_str(), json!({ "recovery_codes_left": left }));
            let success = AuditResult::Success;
            let entry =
                control.entry_by(id, &user.email, client, RECOVERY_USED, &target(user), success, detail);
            control.commit(tx, entry, Vec::new()).await?;
            (control.store().begin().await?, "recovery_code")
        }
        None => {
            drop(tx);
            record_failure(control, user, client, detail(json!("wrong"))).await?;
            return Err(Error::InvalidCode);
        }
    };
    let detail = detail(json!(with));
    let mut signed_in = start(control, tx, standing, client, detail).await?;
    signed_in.subject.provider.clone_from(&half.subject.provider);
    lockout::forgive(control, &signed_in.user.email, client).await?;
    Ok(signed_in)
}

async fn record_failure(control: &Control, user: &User, client: &Client, detail: Value) -> Result<(), Error> {
    let (target, failure) = (target(user), AuditResult::Failure);
    let entry = control.entry_by("anonymous", "anonymous", client, ACTION, &target, failure, detail);
    control.record_refusal(entry).await
}
