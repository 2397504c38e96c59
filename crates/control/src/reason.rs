//! Why something is taken away: people's words, kept in the audit log.

use crate::Error;

const LONGEST: usize = 500;

/// The reason without the spaces around it; empty or too long is an error on `reason`.
pub(crate) fn given<'a>(reason: &'a str, must: &'static str) -> Result<&'a str, Error> {
    let reason = reason.trim();
    let good =
        !reason.is_empty() && reason.chars().count() <= LONGEST && !reason.chars().any(char::is_control);
    if good { Ok(reason) } else { Err(Error::field("reason", must)) }
}

/// The same, where none need be given.
pub(crate) fn if_given(reason: Option<&str>) -> Result<Option<&str>, Error> {
    reason.map(|reason| given(reason, "must be 1 to 500 characters, or left out")).transpose()
}
