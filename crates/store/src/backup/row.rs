//! A row as a line: an array of numbers, texts and NULLs, bytes in base64.

use super::schema::{Column, Kind};
use super::{Error, Result};
use crate::error::Error as StoreError;
use crate::sql::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use sqlx::Row;
use sqlx::any::AnyRow;

/// One value of a row on its way out.
pub(super) enum Cell<'r> {
    Int(i64),
    Text(&'r str),
    Bytes(&'r [u8]),
    Null,
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            Self::Null => serializer.serialize_none(),
        }
    }
}

/// The row's values, which must be in the order of `columns`.
pub(super) fn cells<'r>(row: &'r AnyRow, columns: &[Column]) -> Result<Vec<Cell<'r>>> {
    let unreadable = |_| StoreError::Corrupt { what: "a value of another type than its column" };
    let cell = |(nth, column): (usize, &Column)| {
        let cell = match column.kind {
            Kind::Int => row.try_get::<Option<i64>, _>(nth).map_err(unreadable)?.map(Cell::Int),
            Kind::Text => row.try_get::<Option<&str>, _>(nth).map_err(unreadable)?.map(Cell::Text),
            Kind::Bytes => row.try_get::<Option<&[u8]>, _>(nth).map_err(unreadable)?.map(Cell::Bytes),
        };
        Ok(cell.unwrap_or(Cell::Null))
    };
    columns.iter().enumerate().map(cell).collect()
}

/// The values of a line, to be bound in the order of `columns`.
pub(super) fn values(line: Vec<serde_json::Value>, columns: &[Column]) -> Result<Vec<Value>> {
    if line.len() != columns.len() {
        return Err(Error::Damaged(
            "a row has another number of values than its table has columns".to_owned(),
        ));
    }
    let value = |(value, column): (serde_json::Value, &Column)| {
        let bad = || Error::Damaged(format!("a value of {} is of another type", column.name));
        match (column.kind, value) {
            (Kind::Int, serde_json::Value::Null) => Ok(Value::Int(None)),
            (Kind::Int, serde_json::Value::Number(number)) => {
                number.as_i64().map(|number| Value::Int(Some(number))).ok_or_else(bad)
            }
            (Kind::Text, serde_json::Value::Null) => Ok(Value::Text(None)),
            (Kind::Text, serde_json::Value::String(text)) => Ok(Value::Text(Some(text))),
            (Kind::Bytes, serde_json::Value::Null) => Ok(Value::Bytes(None)),
            (Kind::Bytes, serde_json::Value::String(text)) => {
                STANDARD.decode(text).map(|bytes| Value::Bytes(Some(bytes))).map_err(|_| bad())
            }
            _ => Err(bad()),
        }
    };
    line.into_iter().zip(columns).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        [("n", Kind::Int), ("t", Kind::Text), ("b", Kind::Bytes)]
            .map(|(name, kind)| Column { name: name.to_owned(), kind })
            .into()
    }

    #[test]
    fn a_line_says_what_the_row_holds() {
        let cells = [Cell::Int(i64::MIN), Cell::Text("a\n\"ü"), Cell::Bytes(&[0, 255])];
        let line = serde_json::to_string(&cells).unwrap();
        assert_eq!(line, r#"[-9223372036854775808,"a\n\"ü","AP8="]"#);
        let read = values(serde_json::from_str(&line).unwrap(), &columns()).unwrap();
        assert!(
            matches!(&read[..], [Value::Int(Some(i64::MIN)), Value::Text(Some(text)), Value::Bytes(Some(bytes))]
                if text == "a\n\"ü" && *bytes == [0, 255]),
            "{read:?}"
        );
        let nothing = values(serde_json::from_str("[null,null,null]").unwrap(), &columns()).unwrap();
        assert!(matches!(&nothing[..], [Value::Int(None), Value::Text(None), Value::Bytes(None)]));
    }

    #[test]
    fn what_does_not_fit_the_columns_is_refused() {
        for bad in [
            "[]",
            r#"[1,"a"]"#,
            r#"[1,"a","AA==",1]"#,
            r#"["1","a","AA=="]"#,
            r#"[1.5,"a","AA=="]"#,
            r#"[9223372036854775808,"a","AA=="]"#,
            r#"[1,2,"AA=="]"#,
            r#"[1,"a","?"]"#,
            r#"[true,"a","AA=="]"#,
        ] {
            assert!(values(serde_json::from_str(bad).unwrap(), &columns()).is_err(), "{bad}");
        }
    }
}
