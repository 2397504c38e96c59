//! Finding the rows of a page among a million, whatever they are filtered and sorted by. No index can serve every
//! filter in every order, so the list asks first:
//!
//! - One of the conditions holds for few rows (counting them stops at [`FEW`]): these are read by that condition's
//!   index, checked against the others and sorted.
//! - None does: then rows that match are common, and walking along the order's index soon meets a page of them. Should
//!   they all stand far away (names that begin with what is searched, in the order of names), or several conditions
//!   leave few, the walk stops after [`WALK`] rows and the rows of the rarest condition are sorted after all, unless they
//!   are more than [`MANY`].
//!
//! docs/adr/0011-how-a-list-finds-its-page.md says why.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::fields::Fields;
use crate::keyset::{COUNT_CAP, Keyset, Position, SortValue, limit};
use crate::sql::Sql;
use model::page::SortDirection;
use model::{PageRequest, Total};
use sqlx::AnyPool;
use sqlx::any::AnyRow;
use std::str::FromStr;

/// So many rows are read and sorted without thinking twice.
const FEW: i64 = COUNT_CAP;
/// So many rows are passed over along an order before another way is tried.
const WALK: i64 = 8_000;
/// If a condition leaves no more than so many rows, or at least so many, they are sorted when the walk has failed.
const MANY: [i64; 2] = [10_000, 50_000];
/// Of a condition's rows, so many are checked against the others to count those that match.
const SAMPLE: i64 = 1_000;

/// Something that rows must fulfil.
pub(crate) trait Condition: Send + Sync {
    /// Writes statements, joined by UNION ALL, that give the ids of the rows that fulfil it, by an index; at most `limit`
    /// each. `false`: there is no such index.
    fn push_ids(&self, sql: &mut Sql, at: Place<'_>, limit: i64) -> bool;

    /// Whether a row can come several times, by several indexes.
    fn repeats(&self) -> bool {
        false
    }

    /// Writes `AND …`, for rows that are there already: in a form that no index is chosen by.
    fn push_check(&self, sql: &mut Sql, dialect: &Dialect);

    /// The part of an order that can fulfil it, where it says something about that order: above the first, up to the
    /// second.
    fn bounds(&self, _order: &Keyset) -> (Option<i64>, Option<i64>) {
        (None, None)
    }

    /// The words of the indexes, one for each order, that have just the rows that fulfil it, where there are such.
    fn own_orders(&self) -> Option<&'static str> {
        None
    }

    /// Whether the indexes of the orders have what the check looks at.
    fn is_in_order_indexes(&self) -> bool {
        false
    }
}

/// Where ids are looked for.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) dialect: &'a Dialect,
    /// The condition that the indexes of this part of the table are about.
    pub(crate) part: &'static str,
}

/// A list's table, or the part of it that has its own indexes.
pub(crate) struct Rows<'a> {
    pub(crate) on: &'a AnyPool,
    pub(crate) dialect: &'a Dialect,
    /// `SELECT … FROM …` of whole rows; what conditions check is in it.
    pub(crate) select: &'static str,
    /// ` FROM …` of what conditions check.
    pub(crate) checked: &'static str,
    /// The table alone: ` FROM api_keys k`.
    pub(crate) table: &'static str,
    /// Which of its rows: a condition in the words of the indexes.
    pub(crate) part: &'static str,
    /// All must hold.
    pub(crate) conditions: &'a [Box<dyn Condition + 'a>],
}

/// How the rows are best found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// All of them.
    Plain,
    /// By this condition, which so many rows fulfil.
    By { nth: usize, ids: i64 },
    /// Along the order: each condition that has an index holds for many rows; this is the first of them.
    Along { first: Option<usize> },
}

/// Which part of a page's rest is walked.
#[derive(Clone, Copy)]
enum Stretch<'a> {
    All,
    /// Up to, not including, this place.
    Until(&'a Position),
    /// From this place on.
    From(&'a Position),
}

impl Rows<'_> {
    /// Looks for a condition that few rows fulfil; the conditions stand in the order in which that is likely.
    pub(crate) async fn way(&self) -> Result<Way> {
        if self.conditions.is_empty() {
            return Ok(Way::Plain);
        }
        let mut first = None;
        for nth in 0..self.conditions.len() {
            let Some(ids) = self.count_ids(nth, FEW).await? else { continue };
            if ids <= FEW {
                return Ok(Way::By { nth, ids });
            }
            first.get_or_insert(nth);
        }
        Ok(Way::Along { first })
    }

    /// How many rows fulfil a condition, counted up to one more than `limit`; `None`: it has no index.
    async fn count_ids(&self, nth: usize, limit: i64) -> Result<Option<i64>> {
        let mut sql = Sql::new("SELECT COUNT(*) AS found FROM (SELECT 1 FROM (");
        if !self.push_ids(&mut sql, nth, limit + 1) {
            return Ok(None);
        }
        sql.push(") AS ids LIMIT ").bind(limit + 1).push(") AS counted");
        let found: i64 = sql.fetch_one(self.on).await?.get("found")?;
        Ok(Some(found))
    }

    fn push_ids(&self, sql: &mut Sql, nth: usize, limit: i64) -> bool {
        self.conditions[nth].push_ids(sql, Place { dialect: self.dialect, part: self.part }, limit)
    }

    fn push_checks(&self, sql: &mut Sql, but: Option<usize>) {
        for (nth, condition) in self.conditions.iter().enumerate() {
            if but != Some(nth) {
                condition.push_check(sql, self.dialect);
            }
        }
    }

    /// The page's rows, and one more if there is one.
    pub(crate) async fn page<Id: FromStr>(
        &self,
        way: Way,
        order: &Keyset,
        page: &PageRequest,
    ) -> Result<Vec<AnyRow>> {
        match way {
            Way::By { nth, .. } => return self.sorted::<Id>(nth, FEW, order, page).await,
            Way::Plain => return self.along::<Id>(Stretch::All, order, page).await,
            Way::Along { .. } => {}
        }
        if self.conditions.iter().all(|condition| condition.is_in_order_indexes()) {
            return self.along::<Id>(Stretch::All, order, page).await;
        }
        let Some(end) = self.place_after::<Id>(WALK, order, page).await? else {
            return self.along::<Id>(Stretch::All, order, page).await;
        };
        let mut rows = self.along::<Id>(Stretch::Until(&end), order, page).await?;
        let (found, wanted) = (i64::try_from(rows.len()).unwrap_or(i64::MAX), limit(page) + 1);
        if found == wanted {
            return Ok(rows);
        }
        // How far the walk would go on, if rows stand as thinly from here on. Rows that the index itself rules out are
        // a tenth of the work.
        let mut further = wanted * WALK / found.max(1);
        if self.conditions.iter().any(|condition| condition.is_in_order_indexes()) {
            further /= 10;
        }
        for most in MANY.into_iter().filter(|most| *most < further) {
            for nth in 0..self.conditions.len() {
                if self.count_ids(nth, most).await?.is_some_and(|ids| ids <= most) {
                    return self.sorted::<Id>(nth, most, order, page).await;
                }
            }
        }
        rows.extend(self.along::<Id>(Stretch::From(&end), order, page).await?);
        rows.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// Reads the rows that fulfil one condition, checks the others and sorts; only those of the page are read whole.
    async fn sorted<Id: FromStr>(
        &self,
        nth: usize,
        most: i64,
        order: &Keyset,
        page: &PageRequest,
    ) -> Result<Vec<AnyRow>> {
        let mut sql = Sql::new(self.select);
        sql.push(" WHERE ").push(order.id).push(" IN (SELECT ").push(order.id).push(self.checked);
        self.push_found(&mut sql, nth, most, order.id);
        order.push_after::<Id>(&mut sql, page)?;
        order.push_order(&mut sql, page);
        sql.push(")");
        order.push_by(&mut sql);
        sql.fetch_all(self.on).await
    }

    fn push_own_orders(&self, sql: &mut Sql) {
        for words in self.conditions.iter().filter_map(|condition| condition.own_orders()) {
            sql.push(" AND ").push(words);
        }
    }

    fn push_found(&self, sql: &mut Sql, nth: usize, most: i64, id: &'static str) {
        sql.push(" WHERE ").push(id).push(" IN (SELECT id FROM (");
        self.push_ids(sql, nth, most);
        sql.push(") AS ids LIMIT ").bind(most).push(")");
        self.push_checks(sql, Some(nth));
    }

    /// Walks along the order's index.
    async fn along<Id: FromStr>(
        &self,
        stretch: Stretch<'_>,
        order: &Keyset,
        page: &PageRequest,
    ) -> Result<Vec<AnyRow>> {
        let mut sql = Sql::new(self.select);
        sql.push(" WHERE ").push(self.part);
        self.push_own_orders(&mut sql);
        let begun = page.cursor.is_some() || matches!(stretch, Stretch::From(_));
        self.push_bounds(&mut sql, order, begun, matches!(stretch, Stretch::Until(_)));
        self.push_checks(&mut sql, None);
        match stretch {
            Stretch::All => order.push_after::<Id>(&mut sql, page)?,
            Stretch::Until(place) => {
                order.push_after::<Id>(&mut sql, page)?;
                order.push_until(&mut sql, place);
            }
            Stretch::From(place) => order.push_from(&mut sql, place),
        }
        order.push_order(&mut sql, page);
        sql.fetch_all(self.on).await
    }

    /// Keeps a walk to the part of the order that can match. Where a place is given at which it begins or ends, that is
    /// within this part, and is all that an index can be led by.
    fn push_bounds(&self, sql: &mut Sql, order: &Keyset, begun: bool, ends: bool) {
        let (low, high) = match order.direction {
            SortDirection::Ascending => (begun, ends),
            SortDirection::Descending => (ends, begun),
        };
        for condition in self.conditions {
            let (above, until) = condition.bounds(order);
            if let Some(above) = above.filter(|_| !low) {
                sql.push(" AND ").push(order.column).push(" > ").bind(above);
            }
            if let Some(until) = until.filter(|_| !high) {
                sql.push(" AND ").push(order.column).push(" <= ").bind(until);
            }
        }
    }

    /// The place so many rows further along the order; `None`: there are fewer.
    async fn place_after<Id: FromStr>(
        &self,
        rows: i64,
        order: &Keyset,
        page: &PageRequest,
    ) -> Result<Option<Position>> {
        let mut sql = Sql::new("SELECT ");
        sql.push(order.column).push(" AS place, ").push(order.id).push(" AS id").push(self.table);
        sql.push(" WHERE ").push(self.part);
        self.push_own_orders(&mut sql);
        self.push_bounds(&mut sql, order, page.cursor.is_some(), false);
        order.push_after::<Id>(&mut sql, page)?;
        order.push_by(&mut sql);
        sql.push(" LIMIT 1 OFFSET ").bind(rows);
        let rows = sql.fetch_all(self.on).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let value = if order.numeric {
            SortValue::Int(row.get("place")?)
        } else {
            SortValue::Text(row.text("place")?)
        };
        Ok(Some((value, row.text("id")?)))
    }

    /// How many rows match, when `rows` were found for this page.
    pub(crate) async fn total(
        &self,
        way: Way,
        order: &Keyset,
        page: &PageRequest,
        rows: &[AnyRow],
    ) -> Result<Total> {
        let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        if page.cursor.is_none() && found <= limit(page) {
            return Ok(total(found, false));
        }
        let Total { count, capped } = self.count(way, order.id).await?;
        Ok(Total { count: count.max(found.unsigned_abs()), capped })
    }

    /// How many rows match. Counting stops at 1,000, and where many rows fulfil each condition but perhaps few all of
    /// them, after some thousands that were looked at.
    pub(crate) async fn count(&self, way: Way, id: &'static str) -> Result<Total> {
        let alone = self.conditions.len() == 1;
        let (nth, ids, most) = match way {
            Way::By { nth, ids } if alone && !self.conditions[nth].repeats() => return Ok(total(ids, false)),
            Way::By { nth, ids } => (nth, ids, FEW),
            // More than is counted to.
            Way::Along { first: Some(_) } if alone => return Ok(total(COUNT_CAP, true)),
            Way::Along { first: Some(nth) } => (nth, i64::MAX, SAMPLE),
            Way::Along { first: None } | Way::Plain => {
                let mut sql = Sql::new("SELECT 1");
                sql.push(self.checked).push(" WHERE ").push(self.part);
                self.push_checks(&mut sql, None);
                return crate::keyset::count(sql, self.on).await;
            }
        };
        let mut sql = Sql::new("SELECT 1");
        sql.push(self.checked);
        self.push_found(&mut sql, nth, most, id);
        sql.push(" LIMIT ").bind(COUNT_CAP + 1).wrap("SELECT COUNT(*) AS found FROM (", ") AS matching");
        Ok(total(sql.fetch_one(self.on).await?.get("found")?, ids > most))
    }
}

fn total(found: i64, more: bool) -> Total {
    Total { count: found.min(COUNT_CAP).unsigned_abs(), capped: more || found > COUNT_CAP }
}
