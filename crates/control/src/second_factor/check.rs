//! Whether a code is right, and taking it.

use super::purpose;
use crate::{Control, Error};
use identity::recovery::RecoveryCode;
use identity::totp::TotpSecret;
use model::UserId;
use store::Tx;

/// The longest code that is looked at, with what people type around it.
const MAX_TYPED: usize = 64;

/// What somebody had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// The authenticator's code.
    Code,
    /// A recovery code.
    RecoveryCode {
        /// How many more there are.
        left: u32,
    },
}

/// Takes a code of the account in `tx`: of its authenticator, or a recovery code. `None`: it is wrong, or was taken.
pub(crate) async fn present(
    control: &Control,
    tx: &mut Tx,
    user: &UserId,
    typed: &str,
) -> Result<Option<Presented>, Error> {
    let Some(factor) = tx.second_factor(user).await?.filter(|_| typed.len() <= MAX_TYPED) else {
        return Ok(None);
    };
    if let Some(code) = RecoveryCode::parse(typed) {
        if !tx.take_recovery_code(user, &code.hash(user.as_str()), control.now()).await? {
            return Ok(None);
        }
        return Ok(Some(Presented::RecoveryCode { left: tx.recovery_codes_left(user).await? }));
    }
    let text = control.0.sealing_key.open(&factor.sealed_secret, &purpose(user))?;
    let secret = TotpSecret::parse(&text).ok_or(identity::seal::Error::Damaged)?;
    let Some(step) = secret.step_of(&digits(typed), control.now(), Some(factor.last_step)) else {
        return Ok(None);
    };
    Ok(tx.take_step(user, step).await?.then_some(Presented::Code))
}

/// Authenticators show `123 456`, and people type what they see.
pub(super) fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).collect()
}
