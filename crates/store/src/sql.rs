//! Statements that are put together: literal text, bound values, numbered placeholders (`QueryBuilder<Any>` writes
//! `?`, which PostgreSQL refuses).

use crate::dialect::Dialect;
use crate::error::Result;
use model::role::Reach;
use model::{TenantId, Timestamp};
use sqlx::any::{Any, AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor};
use std::fmt::Write as _;

/// A value to bind.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(Some(value.as_micros()))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(text(value)))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(text))
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

/// A bound value's number; can be used more than once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter(usize);

/// A statement in the making. Only literals become part of its text, so no input can.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// From names that this database's own schema gave, checked by `backup::schema`: never from input.
    pub(crate) fn of_schema(text: String) -> Self {
        Self { text, values: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Binds a value without writing its placeholder yet.
    pub(crate) fn parameter(&mut self, value: impl Into<Value>) -> Parameter {
        self.values.push(value.into());
        Parameter(self.values.len())
    }

    pub(crate) fn push_parameter(&mut self, parameter: Parameter) -> &mut Self {
        // Writing to a String can't fail.
        let _ = write!(self.text, "${}", parameter.0);
        self
    }

    /// Binds a value and writes its placeholder.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        let parameter = self.parameter(value);
        self.push_parameter(parameter)
    }

    /// `(a, b), (c, d)`: one group for each row. All of the statement's values must be in it.
    pub(crate) fn rows<R: IntoIterator<Item = Value>>(
        &mut self,
        dialect: &Dialect,
        rows: impl IntoIterator<Item = R>,
    ) -> &mut Self {
        for (nth_row, row) in rows.into_iter().enumerate() {
            self.push(if nth_row == 0 { "(" } else { ", (" });
            for (nth, value) in row.into_iter().enumerate() {
                self.push(if nth == 0 { "" } else { ", " });
                let parameter = self.parameter(value);
                if dialect.numbers_placeholders() {
                    self.push_parameter(parameter);
                } else {
                    self.push("?");
                }
            }
            self.push(")");
        }
        self
    }

    /// `a, b, c`: what stands between the parentheses of an IN.
    pub(crate) fn list<'a>(&mut self, items: impl IntoIterator<Item = &'a str>) -> &mut Self {
        for (nth, item) in items.into_iter().enumerate() {
            self.push(if nth == 0 { "" } else { ", " }).bind(item);
        }
        self
    }

    /// `AND column IN (…)`: the tenant is one of those in `reach`.
    pub(crate) fn within(&mut self, column: &'static str, reach: &Reach) -> &mut Self {
        match reach {
            Reach::Everywhere => self,
            Reach::Nowhere => self.push(" AND 1 = 0"),
            Reach::Tenants(tenants) => {
                self.push(" AND ").push(column).push(" IN (");
                self.list(tenants.iter().map(TenantId::as_str)).push(")")
            }
        }
    }

    /// Puts `before … after` around the statement.
    pub(crate) fn wrap(&mut self, before: &'static str, after: &'static str) -> &mut Self {
        self.text.insert_str(0, before);
        self.push(after)
    }

    fn query(self, keep: bool) -> Query<'static, Any, AnyArguments> {
        let mut query = sqlx::query(AssertSqlSafe(self.text)).persistent(keep);
        for value in self.values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }

    pub(crate) async fn fetch_all<'c>(self, on: impl Executor<'c, Database = Any>) -> Result<Vec<AnyRow>> {
        Ok(self.query(true).fetch_all(on).await?)
    }

    pub(crate) async fn fetch_one<'c>(self, on: impl Executor<'c, Database = Any>) -> Result<AnyRow> {
        Ok(self.query(true).fetch_one(on).await?)
    }

    /// Runs it and keeps it prepared, for a statement whose text comes again and again.
    pub(crate) async fn execute<'c>(self, on: impl Executor<'c, Database = Any>) -> Result<u64> {
        Ok(self.query(true).execute(on).await?.rows_affected())
    }

    /// Runs it once and returns the number of rows touched. Not kept prepared: its text depends on how many rows
    /// it has.
    pub(crate) async fn execute_once<'c>(self, on: impl Executor<'c, Database = Any>) -> Result<u64> {
        Ok(self.query(false).execute(on).await?.rows_affected())
    }
}

/// Free text as it may be bound: PostgreSQL's text can't hold NUL, and an attempted sign-in can.
pub(crate) fn text(free: &str) -> String {
    free.replace('\0', "\u{FFFD}")
}

/// A count as the database holds it.
pub(crate) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
