//! What a request says of its end user, before anything of it is believed.

use super::Refusal;
use super::email::Email;

/// Found in the headers of one request.
#[derive(Debug)]
pub struct Presented<'a> {
    pub(super) email: Option<Email>,
    pub(super) token: Option<&'a [u8]>,
}

const EMAIL: &str = "x-user-email";
const TOKEN: &str = "x-user-token";

/// Reads the headers that the rules look at. What they don't look at is ignored, doubled or not.
///
/// Two values of one name are refused even when equal, and so are names that some servers behind us would read as the
/// same (`X_User_Email`): whoever checks and whoever uses them must have seen the same one.
pub(super) fn read<'a>(
    headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    read_email: bool,
    read_token: bool,
) -> Result<Presented<'a>, Refusal> {
    let (mut email, mut token) = (None, None);
    let only = |slot: &mut Option<&'a [u8]>, value: &'a [u8]| match slot.replace(value.trim_ascii()) {
        Some(_) => Err(Refusal::Conflicting),
        None => Ok(()),
    };
    for (name, value) in headers {
        let slot = if read_email && reads_as(name, EMAIL) {
            (EMAIL, &mut email)
        } else if read_token && reads_as(name, TOKEN) {
            (TOKEN, &mut token)
        } else if read_token && name.eq_ignore_ascii_case("authorization") {
            if let Some(value) = bearer(value).filter(|value| !is_api_key(value)) {
                only(&mut token, value)?;
            }
            continue;
        } else {
            continue;
        };
        if !name.eq_ignore_ascii_case(slot.0) {
            return Err(Refusal::Conflicting);
        }
        only(slot.1, value)?;
    }
    // A backend without a signed-in user may well send the header empty.
    let email = email.filter(|value| !value.is_empty());
    let email =
        email.map(|value| std::str::from_utf8(value).ok().and_then(Email::parse).ok_or(Refusal::Required));
    Ok(Presented { email: email.transpose()?, token: token.filter(|value| !value.is_empty()) })
}

/// Whether `name` is `known` but for case and punctuation.
fn reads_as(name: &str, known: &str) -> bool {
    name.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_lowercase())
        .eq(known.bytes().filter(u8::is_ascii_alphanumeric))
}

/// The value of an `Authorization: Bearer` header.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| rest.trim_ascii())
}

fn is_api_key(value: &[u8]) -> bool {
    value.starts_with(b"sk_") || value.starts_with(b"rk_")
}
