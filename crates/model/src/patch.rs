//! Changes by PATCH: a field that is left out stays as it is, `null` takes it away.

use serde::{Deserialize, Deserializer};

/// A field that is there, be it `null`.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Puts what was given, if it was.
pub(crate) fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}
