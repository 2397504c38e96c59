//! Keyset paging: rows in the order of a sort value, ties broken by id; a page begins after the last row of the one
//! before. The index leads there, on page 1,000 as quickly as on page 1, and no row is seen twice or left out while others come and go.

use crate::cursor;
use crate::error::{Error, Result};
use crate::sql::{Sql, Value};
use model::page::SortDirection;
use model::{Page, PageRequest, Total};
use serde::{Deserialize, Serialize};
use sqlx::AnyPool;
use std::str::FromStr;

/// Where filtered totals stop counting.
pub(crate) const COUNT_CAP: i64 = 1_000;

/// The value that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum SortValue {
    Int(i64),
    Text(String),
}

impl SortValue {
    /// A moment that may never have been. Never is the smallest: first when ascending, last when descending, in
    /// both databases (they disagree on NULL): the columns sorted by say -1 for it.
    pub(crate) fn maybe_time(time: Option<model::Timestamp>) -> Self {
        Self::Int(time.map_or(-1, model::Timestamp::as_micros))
    }
}

impl From<SortValue> for Value {
    fn from(value: SortValue) -> Self {
        match value {
            SortValue::Int(value) => value.into(),
            SortValue::Text(text) => text.as_str().into(),
        }
    }
}

/// A row's place in an order: what it is sorted by, and its id.
pub(crate) type Position = (SortValue, String);

/// An order: built from a sort enum only.
pub(crate) struct Keyset {
    /// The column sorted by, generated where needed; never NULL. No expression: SQLite would pass over all rows that are
    /// equal in it to find a place among them.
    pub(crate) column: &'static str,
    /// The column that breaks ties; unique.
    pub(crate) id: &'static str,
    /// Whether the expression is a number.
    pub(crate) numeric: bool,
    /// Which way.
    pub(crate) direction: SortDirection,
    /// The order's name, for the cursor.
    pub(crate) order: String,
}

impl Keyset {
    /// `AND …`: the rows after the cursor; nothing on the first page.
    pub(crate) fn push_after<Id: FromStr>(&self, sql: &mut Sql, page: &PageRequest) -> Result<()> {
        let Some(cursor) = &page.cursor else { return Ok(()) };
        let place: Position = cursor::decode(&self.order, cursor)?;
        if matches!(place.0, SortValue::Int(_)) != self.numeric || place.1.parse::<Id>().is_err() {
            return Err(Error::InvalidCursor);
        }
        self.push_place(sql, &place, [") > (", ") < ("]);
        Ok(())
    }

    /// `AND …`: the rows up to, not including, this place.
    pub(crate) fn push_until(&self, sql: &mut Sql, place: &Position) {
        self.push_place(sql, place, [") < (", ") > ("]);
    }

    /// `AND …`: the rows from this place on.
    pub(crate) fn push_from(&self, sql: &mut Sql, place: &Position) {
        self.push_place(sql, place, [") >= (", ") <= ("]);
    }

    fn push_place(&self, sql: &mut Sql, (value, id): &Position, [ascending, descending]: [&'static str; 2]) {
        sql.push(" AND (").push(self.column).push(", ").push(self.id);
        sql.push(match self.direction {
            SortDirection::Ascending => ascending,
            SortDirection::Descending => descending,
        });
        sql.bind(value.clone()).push(", ").bind(id.as_str()).push(")");
    }

    /// `ORDER BY …`.
    pub(crate) fn push_by(&self, sql: &mut Sql) {
        let direction = match self.direction {
            SortDirection::Ascending => " ASC",
            SortDirection::Descending => " DESC",
        };
        sql.push(" ORDER BY ").push(self.column).push(direction).push(", ").push(self.id).push(direction);
    }

    /// `ORDER BY … LIMIT …`: one row more than the page, to know whether there is a next one.
    pub(crate) fn push_order(&self, sql: &mut Sql, page: &PageRequest) {
        self.push_by(sql);
        sql.push(" LIMIT ").bind(limit(page) + 1);
    }

    /// The page of `items`, which may hold one too many.
    pub(crate) fn page<T>(
        &self,
        mut items: Vec<T>,
        page: &PageRequest,
        position: impl Fn(&T) -> (SortValue, String),
        total: Total,
        hidden: Total,
    ) -> Result<Page<T>> {
        let more = cut(&mut items, page);
        let next_cursor = match items.last() {
            Some(last) if more => Some(cursor::encode(&self.order, &position(last))?),
            _ => None,
        };
        Ok(Page { items, next_cursor, total, hidden })
    }
}

/// Rows on the page, whatever was asked for.
pub(crate) fn limit(page: &PageRequest) -> i64 {
    page.limit.clamp(1, PageRequest::MAX_LIMIT).into()
}

/// Cuts `items` to the page's length; whether there were more.
pub(crate) fn cut<T>(items: &mut Vec<T>, page: &PageRequest) -> bool {
    let limit = usize::from(page.limit.clamp(1, PageRequest::MAX_LIMIT));
    let more = items.len() > limit;
    items.truncate(limit);
    more
}

/// How many rows `sql` (a `SELECT 1 …`) has, counted up to 1,000.
pub(crate) async fn count(mut sql: Sql, on: &AnyPool) -> Result<Total> {
    use crate::fields::Fields;
    let cap = sql.parameter(COUNT_CAP + 1);
    sql.push(" LIMIT ").push_parameter(cap).wrap("SELECT COUNT(*) AS found FROM (", ") AS matching");
    let found: i64 = sql.fetch_one(on).await?.get("found")?;
    Ok(Total { count: found.min(COUNT_CAP).unsigned_abs(), capped: found > COUNT_CAP })
}
