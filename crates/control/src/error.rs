//! What can go wrong in an operation, and the one mapping of it to what a client sees.

use crate::Made;
use model::error::{FieldError, Problem};
use model::role::Permission;
use model::sso::SignInRefusal;
use std::borrow::Cow;

/// Why an operation wasn't done. Nothing has changed when one of these is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in.
    #[error("sign in first")]
    Unauthenticated,
    /// E-mail address and password don't belong together, or the account is inactive.
    #[error("wrong e-mail address or password")]
    InvalidCredentials,
    /// The second factor's code is wrong, or was used.
    #[error("wrong code")]
    InvalidCode,
    /// There is no sign-in whose second step this could be, or not any more.
    #[error("the sign-in has to begin anew")]
    SecondStepOver,
    /// Whoever is signed in has to enrol a second factor before anything else.
    #[error("enrol a second factor first")]
    SecondFactorRequired,
    /// Nobody signs in with a password here.
    #[error("signing in with a password is switched off")]
    PasswordsOff,
    /// Signing in with an identity provider came to nothing.
    #[error("{}", .0.as_str())]
    SignInRefused(SignInRefusal),
    /// Too many failed attempts.
    #[error("too many attempts")]
    LockedOut {
        /// Seconds until the next attempt is looked at.
        retry_after: u32,
    },
    /// The actor lacks a permission.
    #[error("needs {0}")]
    Forbidden(Permission),
    /// The object is a `super_admin`, and the actor is none.
    #[error("needs a super_admin")]
    Outranked,
    /// It was set by who holds this permission everywhere, and the actor holds it for a tenant only.
    #[error("needs {0} everywhere")]
    SetFromAbove(Permission),
    /// There is no such object, or not for this actor: the same answer.
    #[error("not found")]
    NotFound,
    /// Fields that can't be taken.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// It contradicts what is there.
    #[error("{code}")]
    Conflict {
        /// Stable word.
        code: &'static str,
        /// What to do.
        detail: Cow<'static, str>,
    },
    /// This very request was done before, and made something whose secret is shown once.
    #[error("already created")]
    AlreadyCreated(Made),
    /// This very request was done before, or is being done; its answer isn't there.
    #[error("already done")]
    AlreadyDone,
    /// The page cursor isn't one of ours.
    #[error("invalid cursor")]
    InvalidCursor,
    /// The one-time link was used, replaced or is past its time.
    #[error("the link is no longer valid")]
    LinkInvalid,
    /// The database can't be reached or answered nonsense.
    #[error(transparent)]
    Store(store::Error),
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] identity::password::Error),
    /// Sealing or opening a credential failed.
    #[error(transparent)]
    Seal(#[from] identity::seal::Error),
    /// A commit was stopped by shutdown.
    #[error("shutting down")]
    ShuttingDown,
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::InvalidCursor => Self::InvalidCursor,
            other => Self::Store(other),
        }
    }
}

impl From<SignInRefusal> for Error {
    fn from(refusal: SignInRefusal) -> Self {
        Self::SignInRefused(refusal)
    }
}

impl Error {
    /// One field that can't be taken.
    pub(crate) fn field(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// What a client sees. Internals don't leave the server: they are logged under `correlation_id`, which the client
    /// sees too.
    pub fn to_problem(&self, correlation_id: &str) -> Problem {
        let mut problem = match self {
            Self::Unauthenticated => {
                Problem::new(401, "unauthenticated", "You are not signed in").detail("Sign in and try again.")
            }
            Self::InvalidCredentials => {
                Problem::new(401, "invalid_credentials", "E-mail address or password is wrong")
            }
            Self::InvalidCode => Problem::new(401, "invalid_code", "The code is wrong")
                .detail("Each code is good for half a minute and for once. Type the one that is shown now."),
            Self::SecondStepOver => Problem::new(401, "second_step_over", "This sign-in is over")
                .detail("There are five minutes between password and code. Begin anew with your password."),
            Self::SecondFactorRequired => {
                Problem::new(403, "second_factor_required", "A second factor is required").detail(
                    "This installation asks you for one. Open the dashboard and set it up; then try again.",
                )
            }
            Self::PasswordsOff => Problem::new(403, "passwords_off", "Signing in with a password is switched off")
                .detail("Sign in with an identity provider. An operator with a shell on the machine can switch it on: gatehouse user allow-passwords."),
            Self::SignInRefused(refusal) => {
                let status = if *refusal == SignInRefusal::TooManyAttempts { 429 } else { 403 };
                Problem::new(status, refusal.as_str(), "Nobody was signed in").detail(refusal.explain())
            }
            Self::LockedOut { retry_after } => {
                let mut problem = Problem::new(429, "locked_out", "Too many attempts")
                    .detail(format!("Try again in {retry_after} seconds."));
                problem.retry_after = Some(*retry_after);
                problem
            }
            Self::Forbidden(permission) => {
                Problem::new(403, "forbidden", "You may not do this").detail(format!(
                    "It needs the permission {permission}. A super_admin can give you a role that has it."
                ))
            }
            Self::Outranked => Problem::new(403, "forbidden", "You may not do this")
                .detail("This account is a super_admin: only another super_admin may do this."),
            Self::SetFromAbove(permission) => Problem::new(403, "forbidden", "You may not do this").detail(format!(
                "It was set for you by the installation: changing it needs {permission} in all tenants. Ask one of its operators."
            )),
            Self::NotFound => Problem::new(404, "not_found", "There is no such object")
                .detail("It may have been removed, or it belongs to a tenant that you can't see."),
            Self::Invalid(errors) => {
                let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
                problem.errors.clone_from(errors);
                problem
            }
            Self::Conflict { code, detail } => {
                Problem::new(409, code, "This contradicts what is there").detail(detail.clone())
            }
            Self::AlreadyCreated(made) => already_created(made),
            Self::AlreadyDone => {
                let mut problem = Problem::new(409, "already_done", "This request was done before")
                    .detail("Its answer isn't there: it is still being done, was interrupted, or held what you may no longer see. Send it again in a moment; if that stays, look at the object.");
                problem.retry_after = Some(1);
                problem
            }
            Self::InvalidCursor => {
                let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
                problem.errors.push(FieldError::new(
                    "cursor",
                    "must be the next_cursor of an earlier page of the same list; leave it out to start anew",
                ));
                problem
            }
            Self::LinkInvalid => Problem::new(410, "link_invalid", "This link is no longer valid")
                .detail("Links work once and for 24 hours. Ask whoever gave it to you for a new one; a set-up link is printed when Gatehouse starts."),
            Self::Store(_) | Self::Password(_) | Self::Seal(_) | Self::ShuttingDown => {
                tracing::error!(correlation_id, error = ?self, "operation failed");
                Problem::new(500, "internal_error", "Something went wrong on our side")
                    .detail("Try again; if it stays, look for the correlation id in the server's log.")
            }
        };
        problem.correlation_id = Some(correlation_id.to_owned());
        problem
    }
}

fn already_created(made: &Made) -> Problem {
    let problem = Problem::new(409, "already_created", "This request was done before");
    match made {
        Made::Key(key) => Problem { key: Some(key.clone()), ..problem }
            .detail("`key` is the record. The secret was in the first answer only; rotate the key for a new one."),
        Made::ManagementKey(key) => Problem { management_key: Some(key.clone()), ..problem }.detail(
            "`management_key` is the record. The secret was in the first answer only; revoke it and make another one.",
        ),
        Made::Unseen => problem.detail(
            "What it made was shown in the first answer only. Make another one, with a new Idempotency-Key.",
        ),
    }
}
