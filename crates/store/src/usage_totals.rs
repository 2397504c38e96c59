//! Totals of usage. Of all tenants or one, whole days and hours are there already added up (`usage_spans`), and only the
//! rows at either end are counted; of a key or a user, rows are counted, which an index has side by side.

use crate::error::{Error, Result};
use crate::fields::Fields;
use crate::pool::Store;
use crate::sql::{Sql, Value};
use crate::usage::{UsageScope, push_scope};
use crate::usage_spans::{DAY, HOUR};
use model::dashboard::{DailyUsage, ModelUsage, UsageTotals};
use model::money::Usd;
use model::{TenantId, Timestamp};
use sqlx::any::AnyRow;
use std::time::Duration;

/// What is summed up of rows; `usage_spans` explains the errors.
const OF_ROWS: &str = "COUNT(CASE WHEN attempt = 1 THEN 1 END) AS requests,
       COUNT(CASE WHEN outcome <> 'completed' OR status >= 400 THEN 1 END)
         - COUNT(CASE WHEN attempt > 1 THEN 1 END) AS errors,
       CAST(COALESCE(SUM(input_tokens), 0) AS BIGINT) AS input_tokens,
       CAST(COALESCE(SUM(cached_input_tokens), 0) AS BIGINT) AS cached_input_tokens,
       CAST(COALESCE(SUM(output_tokens), 0) AS BIGINT) AS output_tokens,
       CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost_micros
     FROM usage_ledger";
/// The same of sums.
const OF_SUMS: &str = "CAST(COALESCE(SUM(requests), 0) AS BIGINT) AS requests,
       CAST(COALESCE(SUM(errors), 0) AS BIGINT) AS errors,
       CAST(COALESCE(SUM(input_tokens), 0) AS BIGINT) AS input_tokens,
       CAST(COALESCE(SUM(cached_input_tokens), 0) AS BIGINT) AS cached_input_tokens,
       CAST(COALESCE(SUM(output_tokens), 0) AS BIGINT) AS output_tokens,
       CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost_micros";

impl Store {
    /// Totals of the requests sent from `from` up to, not including, `to`.
    pub async fn usage_totals(
        &self,
        scope: &UsageScope,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<UsageTotals> {
        let mut sql = Sql::new("SELECT ");
        if scope.key.is_some() || scope.user.is_some() {
            sql.push(OF_ROWS);
            push_scope(&mut sql, scope, from, to);
        } else {
            sql.push(OF_SUMS).push(" FROM (");
            for (nth, piece) in pieces(from, to).into_iter().enumerate() {
                sql.push(if nth == 0 { "SELECT " } else { " UNION ALL SELECT " });
                push_piece(&mut sql, &piece, scope);
            }
            sql.push(") AS pieces");
        }
        read_totals(&sql.fetch_one(self.reader()).await?)
    }

    /// The models that were asked for from `from` up to, not including, `to`, the most used first, at most `most`. Counts
    /// rows, so it is for the usage of one key or user.
    pub async fn usage_by_model(
        &self,
        scope: &UsageScope,
        from: Timestamp,
        to: Timestamp,
        most: u16,
    ) -> Result<Vec<ModelUsage>> {
        let mut sql = Sql::new("SELECT model, ");
        sql.push(OF_ROWS);
        push_scope(&mut sql, scope, from, to);
        sql.push(" GROUP BY model ORDER BY 2 DESC, model LIMIT ").bind(i64::from(most));
        let rows = sql.fetch_all(self.reader()).await?;
        let of_model = |row: &AnyRow| Ok(ModelUsage { model: row.id("model")?, totals: read_totals(row)? });
        rows.iter().map(of_model).collect()
    }

    /// Totals of `days` UTC days from that of `from_day`, oldest first; days without requests are there with zeros.
    pub async fn daily_usage(
        &self,
        scope: &UsageScope,
        from_day: Timestamp,
        days: u16,
    ) -> Result<Vec<DailyUsage>> {
        let first = from_day.utc_day_start();
        let day = Duration::from_hours(24);
        let end = first.after(day * u32::from(days));
        let mut all: Vec<_> = (0..u32::from(days))
            .map(|nth| DailyUsage { day: first.after(day * nth), totals: UsageTotals::default() })
            .collect();
        let mut sql = Sql::new("SELECT (");
        if scope.key.is_some() || scope.user.is_some() {
            sql.push("started_at - ").bind(first).push(") / 86400000000 AS nth_day, ").push(OF_ROWS);
            push_scope(&mut sql, scope, first, end);
        } else {
            sql.push("start - ").bind(first).push(") / 86400000000 AS nth_day, ").push(OF_SUMS);
            push_spans(&mut sql, 24, scope, first, end);
        }
        sql.push(" GROUP BY 1");
        for row in sql.fetch_all(self.reader()).await? {
            let day =
                all.get_mut(row.number::<usize>("nth_day")?).ok_or(Error::Corrupt { what: "started_at" })?;
            day.totals = read_totals(&row)?;
        }
        Ok(all)
    }
}

/// A stretch of time that is read in one way.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Rows(Timestamp, Timestamp),
    Hours(Timestamp, Timestamp),
    Days(Timestamp, Timestamp),
}

/// Cuts a span into whole days, the whole hours beside them, and what is left at the ends; never nothing.
fn pieces(from: Timestamp, to: Timestamp) -> Vec<Piece> {
    let up = |at: i64, length: i64| at + (-at).rem_euclid(length);
    let down = |at: i64, length: i64| at - at.rem_euclid(length);
    let (start, end) = (from.as_micros(), to.as_micros());
    let (first_hour, last_hour) = (up(start, HOUR), down(end, HOUR));
    if first_hour >= last_hour {
        return vec![Piece::Rows(from, to)];
    }
    let (first_day, last_day) = (up(first_hour, DAY), down(last_hour, DAY));
    let at = Timestamp::from_micros;
    let mut all = vec![Piece::Rows(from, at(first_hour))];
    if first_day < last_day {
        all.push(Piece::Hours(at(first_hour), at(first_day)));
        all.push(Piece::Days(at(first_day), at(last_day)));
        all.push(Piece::Hours(at(last_day), at(last_hour)));
    } else {
        all.push(Piece::Hours(at(first_hour), at(last_hour)));
    }
    all.push(Piece::Rows(at(last_hour), to));
    all.retain(|piece| match piece {
        Piece::Rows(from, to) | Piece::Hours(from, to) | Piece::Days(from, to) => from < to,
    });
    all
}

fn push_piece(sql: &mut Sql, piece: &Piece, scope: &UsageScope) {
    match piece {
        Piece::Rows(from, to) => {
            sql.push(OF_ROWS);
            push_scope(sql, scope, *from, *to);
        }
        Piece::Hours(from, to) => {
            sql.push(OF_SUMS);
            push_spans(sql, 1, scope, *from, *to);
        }
        Piece::Days(from, to) => {
            sql.push(OF_SUMS);
            push_spans(sql, 24, scope, *from, *to);
        }
    }
}

fn push_spans(sql: &mut Sql, hours: i64, scope: &UsageScope, from: Timestamp, to: Timestamp) {
    sql.push(" FROM usage_spans WHERE hours = ").bind(Value::from(hours));
    sql.push(" AND start >= ").bind(from).push(" AND start < ").bind(to);
    if let Some(tenant) = &scope.tenant {
        sql.push(" AND tenant_id = ").bind(TenantId::as_str(tenant));
    }
    sql.within("tenant_id", &scope.reach);
}

fn read_totals(row: &AnyRow) -> Result<UsageTotals> {
    // At the edge of a span a repetition can be inside and its first attempt outside.
    let errors: i64 = row.get("errors")?;
    Ok(UsageTotals {
        requests: row.number("requests")?,
        errors: errors.max(0).unsigned_abs(),
        input_tokens: row.number("input_tokens")?,
        cached_input_tokens: row.number("cached_input_tokens")?,
        output_tokens: row.number("output_tokens")?,
        cost_usd: Usd::from_micros(row.get("cost_micros")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_a_span_without_gaps() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let (from, to) = (at("2026-03-01T10:20:00Z"), at("2026-03-04T02:30:00Z"));
        let (day, last) = (at("2026-03-02T00:00:00Z"), at("2026-03-04T00:00:00Z"));
        assert_eq!(
            pieces(from, to),
            [
                Piece::Rows(from, at("2026-03-01T11:00:00Z")),
                Piece::Hours(at("2026-03-01T11:00:00Z"), day),
                Piece::Days(day, last),
                Piece::Hours(last, at("2026-03-04T02:00:00Z")),
                Piece::Rows(at("2026-03-04T02:00:00Z"), to),
            ]
        );
        assert_eq!(pieces(day, last), [Piece::Days(day, last)]);
        let soon = at("2026-03-01T10:59:59Z");
        assert_eq!(pieces(from, soon), [Piece::Rows(from, soon)]);
        assert_eq!(pieces(soon, from), [Piece::Rows(soon, from)]);
    }
}
