//! Recovery codes: ten, each for once.

use super::{commit_own, confirm};
use crate::sign_in::Subject;
use crate::{Actor, Control, Error};
use identity::password::Password;
use identity::recovery::{COUNT, RecoveryCode};
use model::UserId;
use model::second_factor::RecoveryCodes;

const ACTION: &str = "second_factor.recovery_renewed";

/// New codes in the place of all that there were, with password and a code. They are in this answer and nowhere else.
/// Ends all sessions; the edge begins a new one.
pub async fn renew_recovery_codes(
    control: &Control,
    actor: &Actor,
    password: Password,
    code: &str,
) -> Result<(Subject, RecoveryCodes), Error> {
    let (mut tx, user) = confirm(control, actor, password, code, ACTION).await?;
    let (codes, hashes) = new_codes(control, &user.id);
    tx.set_recovery_codes(&user.id, &hashes).await?;
    let subject = commit_own(control, tx, actor, user, ACTION).await?;
    Ok((subject, codes))
}

/// Codes to show, and what is kept of them.
pub(super) fn new_codes(control: &Control, user: &UserId) -> (RecoveryCodes, Vec<[u8; 32]>) {
    let codes: Vec<_> = (0..COUNT).map(|_| RecoveryCode::generate(control.entropy())).collect();
    let hashes = codes.iter().map(|code| code.hash(user.as_str())).collect();
    (RecoveryCodes(codes.iter().map(RecoveryCode::expose).collect()), hashes)
}
