//! A provider's credential on its way in.

use crate::error::FieldError;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

/// A credential as somebody writes it. Can't be printed or compared, and is wiped when dropped. It is serialised for one
/// way only: from a form to the server; nothing that the server answers has a field of this type.
#[derive(Clone)]
pub struct NewCredential(Zeroizing<String>);

impl NewCredential {
    const MAX_LEN: usize = 4_096;
    const MUST: &str = "must be text of at most 4,096 visible ASCII characters";

    /// From its text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, to be sealed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it says that there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with it.
    pub(crate) fn check(&self, field: &'static str) -> Option<FieldError> {
        let good = self.0.len() <= Self::MAX_LEN && self.0.bytes().all(|byte| byte.is_ascii_graphic());
        (!good).then(|| FieldError::new(field, Self::MUST))
    }
}

impl fmt::Debug for NewCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewCredential")
    }
}

impl Serialize for NewCredential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NewCredential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Refuses numbers by hand: serde's own message would quote them, and a credential can be one.
        struct Text;
        impl Visitor<'_> for Text {
            type Value = NewCredential;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<NewCredential, E> {
                Ok(NewCredential::new(text.to_owned()))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<NewCredential, E> {
                Ok(NewCredential::new(text))
            }
            fn visit_u64<E: Error>(self, _: u64) -> Result<NewCredential, E> {
                Err(E::custom(NewCredential::MUST))
            }
            fn visit_i64<E: Error>(self, _: i64) -> Result<NewCredential, E> {
                Err(E::custom(NewCredential::MUST))
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<NewCredential, E> {
                Err(E::custom(NewCredential::MUST))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_printed_nor_quoted() {
        let credential: NewCredential = serde_json::from_str("\"canary-7\"").unwrap();
        assert_eq!(
            (credential.expose(), format!("{credential:?}")),
            ("canary-7", "NewCredential".to_owned())
        );
        for wrong in ["1234567", "-1234567", "1234567.5", "12345670000000000000000"] {
            let error = serde_json::from_str::<NewCredential>(wrong).unwrap_err().to_string();
            assert!(!error.contains("1234567") && !error.contains("1.234567"), "{error}");
        }
        for bad in ["a b", "a\nb", "\u{e4}", &"a".repeat(4_097)] {
            assert!(NewCredential::new(bad.to_owned()).check("api_key").is_some(), "{bad}");
        }
    }
}
