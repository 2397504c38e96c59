//! Cursors: the place of a page's last row, opaque to callers and checked when they come back.
//!
//! Base64 of the JSON `[order, position]`. The order is inside so that a cursor of one order is refused in another,
//! where it would silently skip rows.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer than any cursor given out; what is longer isn't decoded.
const MAX_LEN: usize = 4_096;

/// The cursor for `position` in `order`.
pub(crate) fn encode<T: Serialize>(order: &str, position: &T) -> Result<String> {
    let json = serde_json::to_vec(&(order, position)).map_err(|_| Error::Corrupt { what: "cursor" })?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// The position in `cursor`, if it is one of `order`.
pub(crate) fn decode<T: DeserializeOwned>(order: &str, cursor: &str) -> Result<T> {
    if cursor.len() > MAX_LEN {
        return Err(Error::InvalidCursor);
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::InvalidCursor)?;
    let (of, position): (String, T) = serde_json::from_slice(&json).map_err(|_| Error::InvalidCursor)?;
    if of == order { Ok(position) } else { Err(Error::InvalidCursor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_in_its_own_order_only() {
        let cursor = encode("-created_at", &(7i64, "id")).unwrap();
        assert_eq!(decode::<(i64, String)>("-created_at", &cursor).unwrap(), (7, "id".to_owned()));
        assert!(matches!(decode::<(i64, String)>("created_at", &cursor), Err(Error::InvalidCursor)));
        assert!(matches!(decode::<(String, String)>("-created_at", &cursor), Err(Error::InvalidCursor)));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["", "x", "%", "bnVsbA", "W10", &"A".repeat(5_000)] {
            assert!(matches!(decode::<(i64, String)>("name", bad), Err(Error::InvalidCursor)), "{bad}");
        }
    }
}
