//! Columns of a row as the model's types. What can't be one is [`Error::Corrupt`].

use crate::error::{Error, Result};
use model::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::{Any, AnyRow};
use sqlx::{Decode, Type};
use std::str::FromStr;

/// Reads columns by name.
pub(crate) trait Fields {
    /// Any type that the driver knows.
    fn get<'r, T: Decode<'r, Any> + Type<Any>>(&'r self, column: &'static str) -> Result<T>;

    fn text(&self, column: &'static str) -> Result<String> {
        self.get(column)
    }

    fn maybe_text(&self, column: &'static str) -> Result<Option<String>> {
        self.get(column)
    }

    /// An id or a name.
    fn id<T: FromStr>(&self, column: &'static str) -> Result<T> {
        self.get::<&str>(column)?.parse().map_err(|_| Error::Corrupt { what: column })
    }

    fn maybe_id<T: FromStr>(&self, column: &'static str) -> Result<Option<T>> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| text.parse().map_err(|_| Error::Corrupt { what: column })).transpose()
    }

    /// An enum's word.
    fn word<T>(&self, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<T> {
        parse(self.get(column)?).ok_or(Error::Corrupt { what: column })
    }

    fn maybe_word<T>(&self, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<Option<T>> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| parse(text).ok_or(Error::Corrupt { what: column })).transpose()
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        serde_json::from_str(self.get(column)?).map_err(|_| Error::Corrupt { what: column })
    }

    fn maybe_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        let text: Option<&str> = self.get(column)?;
        text.map(|text| serde_json::from_str(text).map_err(|_| Error::Corrupt { what: column })).transpose()
    }

    fn time(&self, column: &'static str) -> Result<Timestamp> {
        self.get(column).map(Timestamp::from_micros)
    }

    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_micros))
    }

    /// A number that can't be negative, or must fit a smaller type.
    fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T> {
        T::try_from(self.get(column)?).map_err(|_| Error::Corrupt { what: column })
    }

    fn maybe_number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>> {
        let value: Option<i64> = self.get(column)?;
        value.map(|value| T::try_from(value).map_err(|_| Error::Corrupt { what: column })).transpose()
    }

    fn flag(&self, column: &'static str) -> Result<bool> {
        Ok(self.get::<i64>(column)? != 0)
    }

    /// A SHA-256.
    fn hash(&self, column: &'static str) -> Result<[u8; 32]> {
        self.get::<&[u8]>(column)?.try_into().map_err(|_| Error::Corrupt { what: column })
    }
}

impl Fields for AnyRow {
    fn get<'r, T: Decode<'r, Any> + Type<Any>>(&'r self, column: &'static str) -> Result<T> {
        self.try_get(column).map_err(|error| match error {
            sqlx::Error::ColumnDecode { .. } => Error::Corrupt { what: column },
            other => Error::Unavailable(other),
        })
    }
}

/// A value as JSON text for a column.
pub(crate) fn to_json<T: serde::Serialize>(value: &T, column: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Corrupt { what: column })
}
