//! Whether the audit log is as it was written.

use super::READ;
use crate::{Actor, Control, Error};
use model::audit::AuditVerification;

/// Rows in one part: a moment's work.
const PART: u64 = 20_000;

/// Checks a part of the log: the rows after the one that `after` names, or from the first one on. Needs `audit:read` everywhere.
pub async fn verify_part(
    control: &Control,
    actor: &Actor,
    after: Option<i64>,
) -> Result<AuditVerification, Error> {
    sees_all(actor)?;
    Ok(control.store().verify_audit(after, PART).await?)
}

/// Checks the whole log, or up to the first row that doesn't fit. Needs `audit:read` everywhere.
pub async fn verify(control: &Control, actor: &Actor) -> Result<AuditVerification, Error> {
    sees_all(actor)?;
    Ok(control.store().verify_audit(None, u64::MAX).await?)
}

/// Whether the log holds the row with this hash: a head that was noted outside. Needs `audit:read` everywhere.
///
/// Who can write to the database can write the whole chain anew, and then every row fits; but not so that it leads to a
/// hash that was noted before.
pub async fn was_head(control: &Control, actor: &Actor, hash: &str) -> Result<bool, Error> {
    sees_all(actor)?;
    let hash = parse(hash).ok_or_else(|| Error::field("expect_head", "must be 64 hexadecimal digits"))?;
    Ok(control.store().audit_row_with_hash(&hash).await?.is_some())
}

/// The chain runs through all tenants.
fn sees_all(actor: &Actor) -> Result<(), Error> {
    if actor.may(READ) { Ok(()) } else { Err(Error::Forbidden(READ)) }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> =
        text.trim().chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit)).collect();
    if digits.len() == 64 { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn hashes_are_64_hexadecimal_digits() {
        let text = format!("00Ff{}", "a1".repeat(30));
        let hash = parse(&text).unwrap();
        assert_eq!((hash[0], hash[1], hash[31]), (0, 255, 0xa1));
        for bad in ["", "00", &text[1..], &format!("{text}0"), &text.replace('F', "g"), &"é".repeat(64)] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
