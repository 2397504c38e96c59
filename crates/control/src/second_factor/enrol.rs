//! Enrolling a second factor: the secret is shown, and counts once an authenticator has proven that it knows it.

use super::check::digits;
use super::recovery::new_codes;
use super::{commit_own, purpose};
use crate::sign_in::{Subject, confirm_password};
use crate::{Actor, Control, Error};
use identity::password::Password;
use identity::totp::TotpSecret;
use identity::{base32, qr};
use model::second_factor::{NewSecondFactor, QrImage, RecoveryCodes};
use model::user::{User, UserSource};
use model::{Timestamp, UserId};
use std::time::Duration;
use store::SecondFactor;

const ACTION: &str = "second_factor.enrolled";
/// Who asks, as authenticators show it.
const ISSUER: &str = "Gatehouse";
/// How long somebody has from the secret to the first code.
const TICKET_LIFE: Duration = Duration::from_mins(15);

/// What to tell an authenticator. Nothing is kept: the secret comes back with [`enrol`], sealed.
pub fn begin(control: &Control, actor: &Actor) -> Result<NewSecondFactor, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    fits(user)?;
    let secret = TotpSecret::generate(control.entropy());
    let uri = secret.uri(ISSUER, &user.email);
    let drawing = qr::draw(&uri).ok_or(identity::seal::Error::Failed)?;
    let text = secret.expose();
    let until = control.now().after(TICKET_LIFE).as_micros();
    let plain = zeroize::Zeroizing::new(format!("{until} {}", &*text));
    let ticket = control.0.sealing_key.seal(&plain, &ticket_purpose(&user.id), control.entropy())?;
    Ok(NewSecondFactor {
        secret: text.to_string(),
        uri: uri.to_string(),
        qr: QrImage { size: drawing.size, path: drawing.path },
        ticket: base32::encode(&ticket),
    })
}

/// Turns the second factor on, with the present password and the authenticator's first code. Ends all sessions; the
/// edge begins a new one. The recovery codes are in this answer and nowhere else.
pub async fn enrol(
    control: &Control,
    actor: &Actor,
    ticket: &str,
    password: Password,
    code: &str,
) -> Result<(Subject, RecoveryCodes), Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    fits(user)?;
    let text = open_ticket(control, &user.id, ticket)?;
    let secret = TotpSecret::parse(&text).ok_or_else(ticket_over)?;
    // Whoever has the secret can't guess at its code, so a mistake here counts nowhere.
    let now = control.now();
    let last_step = secret.step_of(&digits(code), now, None);
    let last_step = last_step.ok_or_else(|| Error::field("code", "is not the code of this moment"))?;
    let confirmed = confirm_password(control, actor, password, ACTION).await?;
    let sealed_secret = control.0.sealing_key.seal(&text, &purpose(&user.id), control.entropy())?;
    let (codes, hashes) = new_codes(control, &user.id);
    let mut tx = confirmed.begin(control).await?;
    let factor = SecondFactor { sealed_secret, enrolled_at: now, last_step };
    tx.insert_second_factor(&user.id, &factor).await.map_err(|error| match error {
        store::Error::Conflict { .. } => there_already(),
        other => other.into(),
    })?;
    tx.set_recovery_codes(&user.id, &hashes).await?;
    let subject = commit_own(control, tx, actor, user, ACTION).await?;
    Ok((subject, codes))
}

fn fits(user: &User) -> Result<(), Error> {
    if user.source != UserSource::Local {
        let detail = "This account signs in where it comes from, and proves itself there.";
        return Err(Error::Conflict { code: "not_local", detail: detail.into() });
    }
    if user.second_factor { Err(there_already()) } else { Ok(()) }
}

fn there_already() -> Error {
    let detail = "This account has a second factor. Turn it off before you set up another one.";
    Error::Conflict { code: "second_factor_exists", detail: detail.into() }
}

fn ticket_purpose(user: &UserId) -> String {
    format!("second-factor-ticket:{user}")
}

/// The secret that [`begin`] gave this account, unless it took too long.
fn open_ticket(control: &Control, user: &UserId, ticket: &str) -> Result<zeroize::Zeroizing<String>, Error> {
    let sealed = base32::decode(ticket).ok_or_else(ticket_over)?;
    let plain = control.0.sealing_key.open(&sealed, &ticket_purpose(user)).map_err(|_| ticket_over())?;
    let (until, secret) = plain.split_once(' ').ok_or_else(ticket_over)?;
    let until = until.parse().map(Timestamp::from_micros).map_err(|_| ticket_over())?;
    if control.now() < until { Ok(secret.to_owned().into()) } else { Err(ticket_over()) }
}

fn ticket_over() -> Error {
    let detail =
        "Setting it up took too long. Begin anew; remove what your authenticator has from this time.";
    Error::Conflict { code: "enrolment_over", detail: detail.into() }
}
