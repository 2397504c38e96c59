//! A key's public id, in place: it is looked up for every request.

use super::{InvalidId, Text};
use crate::base62;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// A key's public id: 12 base62 digits, in the key itself and wherever the key is spoken of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 12]);

impl KeyId {
    /// A new id from random bytes.
    pub fn generate(fill: impl FnMut(&mut [u8])) -> Self {
        let mut digits = [0u8; 12];
        base62::random(&mut digits, fill);
        Self(digits)
    }

    /// From exactly 12 base62 digits.
    pub fn from_digits(digits: &[u8]) -> Option<Self> {
        let digits: [u8; 12] = digits.try_into().ok()?;
        base62::is_base62(&digits).then_some(Self(digits))
    }

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        // Only base62 digits get in, so this is always ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for KeyId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::from_digits(text.as_bytes()).ok_or(InvalidId("must be a key's public id: 12 letters or digits"))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.as_str())
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_are_exactly_twelve_digits() {
        assert!("7Hq2xV9mLw4T".parse::<KeyId>().is_ok());
        for bad in ["", "7Hq2xV9mLw4", "7Hq2xV9mLw4Tb", "7Hq2xV9mLw4-"] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad}");
        }
    }
}
