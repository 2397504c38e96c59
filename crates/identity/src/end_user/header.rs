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
const AUTHORIZATION: &str = "authorization";

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
    for (name, value) in headers {
        let (known, slot, value) = if read_email && reads_as(name, EMAIL) {
            (EMAIL, &mut email, value)
        } else if read_token && reads_as(name, TOKEN) {
            (TOKEN, &mut token, value)
        } else if let Some(value) = bearer(name, value).filter(|value| read_token && !is_api_key(value)) {
            (AUTHORIZATION, &mut token, value)
        } else {
            continue;
        };
        if !name.eq_ignore_ascii_case(known) || slot.replace(value.trim_ascii()).is_some() {
            return Err(Refusal::Conflicting);
        }
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

/// What an `Authorization: Bearer` header carries.
fn bearer<'a>(name: &str, value: &'a [u8]) -> Option<&'a [u8]> {
    let (scheme, rest) = value.split_at_checked(7)?;
    let carries = name.eq_ignore_ascii_case(AUTHORIZATION) && scheme.eq_ignore_ascii_case(b"bearer ");
    carries.then(|| rest.trim_ascii())
}

/// Both come as a bearer; a key is not the token of a user.
fn is_api_key(value: &[u8]) -> bool {
    value.starts_with(b"sk_") || value.starts_with(b"rk_")
}
