//! What a database's own schema says: its tables, in an order in which rows can be put into them, and the columns that
//! hold what the program wrote. Read each time, so that no migration has to think of it.

use super::{Error, LEFT_OUT, LEFT_OUT_COLUMNS, Result};
use crate::dialect::Dialect;
use crate::fields::Fields;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// A table of this database. Names are plain: what is made of them needs no quotes.
pub(super) struct Table {
    pub(super) name: String,
    /// None if the table is left out.
    pub(super) columns: Vec<Column>,
}

/// A column, in the words of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a column holds: all that the two databases have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
}

impl Kind {
    fn of(database_word: &str) -> Option<Self> {
        match database_word {
            "integer" | "bigint" | "smallint" => Some(Self::Int),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

impl Table {
    /// Whether backups hold it.
    pub(super) fn is_kept(&self) -> bool {
        LEFT_OUT.iter().all(|(name, _)| *name != self.name)
    }

    /// `a, b, c`
    pub(super) fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }
}

/// The tables there are, those before others that the others refer to. None: nothing was ever migrated here.
pub(super) async fn tables(on: &mut AnyConnection, dialect: &Dialect) -> Result<Vec<Table>> {
    let mut tables = BTreeMap::<String, Vec<Column>>::new();
    for row in sqlx::query(dialect.columns()).fetch_all(&mut *on).await? {
        let (table, column) = (plain(row.text("table_name")?)?, row.text("column_name")?);
        let columns = tables.entry(table.clone()).or_default();
        if LEFT_OUT.iter().any(|(name, _)| *name == table)
            || LEFT_OUT_COLUMNS.iter().any(|(of, name, _)| *of == table && *name == column)
            || row.flag("generated")?
        {
            continue;
        }
        let kind = Kind::of(row.get("kind")?)
            .ok_or_else(|| Error::Schema(format!("{table}.{column} is of a type that backups don't know")))?;
        columns.push(Column { name: plain(column)?, kind });
    }
    let mut references = BTreeSet::new();
    for row in sqlx::query(dialect.references()).fetch_all(&mut *on).await? {
        references.insert((row.text("child")?, row.text("parent")?));
    }
    in_order(tables, &references)
}

/// The number of the last migration that was run here; `None`: none was.
pub(super) async fn version(on: &mut AnyConnection, tables: &[Table]) -> Result<Option<i64>> {
    if tables.iter().all(|table| table.name != "_sqlx_migrations") {
        return Ok(None);
    }
    let row = sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations").fetch_one(on).await?;
    Ok(row.get("version")?)
}

fn in_order(
    mut tables: BTreeMap<String, Vec<Column>>,
    references: &BTreeSet<(String, String)>,
) -> Result<Vec<Table>> {
    let mut placed: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let waits = |name: &String| {
            let mut parents = references.iter().filter(|(child, _)| child == name).map(|(_, parent)| parent);
            parents.any(|parent| parent != name && tables.contains_key(parent))
        };
        let next = tables.keys().find(|name| !waits(name)).cloned();
        let next = next.ok_or_else(|| Error::Schema("tables refer to each other in a circle".to_owned()))?;
        let columns = tables.remove(&next).unwrap_or_default();
        placed.push(Table { name: next, columns });
    }
    Ok(placed)
}

/// A name that can stand in a statement as it is.
fn plain(name: String) -> Result<String> {
    let mut letters = name.bytes();
    let plain =
        letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_');
    if plain && !name.is_empty() {
        return Ok(name);
    }
    Err(Error::Schema(format!("{name:?} is no name that Gatehouse gives")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(tables: &[&str], references: &[(&str, &str)]) -> Result<Vec<String>> {
        let tables = tables.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        let references =
            references.iter().map(|(child, parent)| ((*child).to_owned(), (*parent).to_owned())).collect();
        Ok(in_order(tables, &references)?.into_iter().map(|table| table.name).collect())
    }

    #[test]
    fn what_is_referred_to_comes_first() {
        let references = [("a", "c"), ("c", "b"), ("c", "d"), ("d", "d")];
        assert_eq!(order(&["a", "b", "c", "d"], &references).unwrap(), ["b", "d", "c", "a"]);
        assert!(order(&["a", "b"], &[("a", "b"), ("b", "a")]).is_err());
    }

    #[test]
    fn names_that_would_need_quotes_are_refused() {
        assert!(plain("usage_ledger2".to_owned()).is_ok());
        for bad in ["", "Users", "users; --", "a b", "a\"b", "ü"] {
            assert!(plain(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
