//! What can go wrong for a SCIM client: as any operation can, or as the protocol says.

use identity::scim::{ScimError, ScimType};
use model::error::FieldError;

/// Why it wasn't done. Nothing has changed when one of these is returned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// As the protocol says.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// As any operation can.
    #[error(transparent)]
    Control(#[from] crate::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Control(error.into())
    }
}

impl Error {
    /// What a client sees. Internals don't leave the server, as [`crate::Error::to_problem`] says.
    pub fn to_scim(&self, correlation_id: &str) -> ScimError {
        let error = match self {
            Self::Scim(error) => return error.clone(),
            Self::Control(error) => error,
        };
        match error {
            crate::Error::Invalid(errors) => {
                let said = errors.iter().map(|FieldError { field, message }| format!("{field} {message}"));
                ScimError::value(said.collect::<Vec<_>>().join("; "))
            }
            crate::Error::NotFound => ScimError::new(404, "there is no such resource"),
            crate::Error::Outranked => {
                ScimError::new(403, "this account is a super_admin: those aren't provisioned")
            }
            crate::Error::Forbidden(permission) => ScimError::new(
                403,
                format!("whoever made this SCIM client may not do this any more: it needs {permission}"),
            ),
            error => {
                let problem = error.to_problem(correlation_id);
                let detail = problem.detail.unwrap_or(problem.title);
                let detail = match problem.status {
                    500.. => format!("{detail} ({correlation_id})").into(),
                    _ => detail,
                };
                ScimError::new(problem.status, detail)
            }
        }
    }

    /// Another resource has this value.
    pub(super) fn taken(detail: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::Scim(ScimError::of(ScimType::Uniqueness, detail))
    }
}
