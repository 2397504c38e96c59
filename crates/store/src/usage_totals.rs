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
use model::usage_report::{BarLength, KeyUsage, UsageBar};
use model::{TenantId, Timestamp};
use sqlx::any::AnyRow;

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
        let rows = by_model(scope, from, to, most).fetch_all(self.reader()).await?;
        let of_model = |row: &AnyRow| Ok(ModelUsage { model: row.id("model")?, totals: read_totals(row)? });
        rows.iter().map(of_model).collect()
    }

    /// The keys that asked from `from` up to, not including, `to`, the most used first, at most `most`. Counts rows, so it
    /// is for the usage of one user.
    pub async fn usage_by_key(
        &self,
        scope: &UsageScope,
        from: Timestamp,
        to: Timestamp,
        most: u16,
    ) -> Result<Vec<KeyUsage>> {
        let rows = by_key(scope, from, to, most).fetch_all(self.reader()).await?;
        let of_key = |row: &AnyRow| {
            let (key_id, name) = (row.id("key_id")?, row.maybe_text("name")?);
            Ok(KeyUsage { key_id, name, totals: read_totals(row)? })
        };
        rows.iter().map(of_key).collect()
    }

    /// Totals of `days` UTC days from that of `from_day`, oldest first; days without requests are there with zeros.
    pub async fn daily_usage(
        &self,
        scope: &UsageScope,
        from_day: Timestamp,
        days: u16,
    ) -> Result<Vec<DailyUsage>> {
        let bars = self.usage_bars(scope, from_day, BarLength::Day, days).await?;
        Ok(bars.into_iter().map(|bar| DailyUsage { day: bar.start, totals: bar.totals }).collect())
    }

    /// Totals of `count` hours or days from that of `from`, oldest first; those without requests are there with zeros.
    pub async fn usage_bars(
        &self,
        scope: &UsageScope,
        from: Timestamp,
        length: BarLength,
        count: u16,
    ) -> Result<Vec<UsageBar>> {
        let (first, bar) = (length.start(from), length.duration());
        let mut all: Vec<_> = (0..u32::from(count))
            .map(|nth| UsageBar { start: first.after(bar * nth), totals: UsageTotals::default() })
            .collect();
        for row in bars(scope, first, length, count).fetch_all(self.reader()).await? {
            let nth = row.number::<usize>("nth_bar")?;
            let bar = all.get_mut(nth).ok_or(Error::Corrupt { what: "started_at" })?;
            bar.totals = read_totals(&row)?;
        }
        Ok(all)
    }
}

fn by_model(scope: &UsageScope, from: Timestamp, to: Timestamp, most: u16) -> Sql {
    let mut sql = Sql::new("SELECT model, ");
    sql.push(OF_ROWS);
    push_scope(&mut sql, scope, from, to);
    sql.push(" GROUP BY model ORDER BY 2 DESC, model LIMIT ").bind(i64::from(most));
    sql
}

fn by_key(scope: &UsageScope, from: Timestamp, to: Timestamp, most: u16) -> Sql {
    let mut sql = Sql::new("SELECT used.*, k.name AS name FROM (SELECT key_id, ");
    sql.push(OF_ROWS);
    push_scope(&mut sql, scope, from, to);
    sql.push(" GROUP BY key_id ORDER BY 2 DESC, key_id LIMIT ").bind(i64::from(most));
    sql.push(") AS used LEFT JOIN api_keys k ON k.id = used.key_id ORDER BY used.requests DESC, used.key_id");
    sql
}

fn bars(scope: &UsageScope, first: Timestamp, length: BarLength, count: u16) -> Sql {
    let end = first.after(length.duration() * u32::from(count));
    let hours = i64::from(length.hours());
    let mut sql = Sql::new("SELECT (");
    if scope.key.is_some() || scope.user.is_some() {
        sql.push("started_at - ").bind(first).push(") / ").bind(hours * HOUR).push(" AS nth_bar, ");
        sql.push(OF_ROWS);
        push_scope(&mut sql, scope, first, end);
    } else {
        sql.push("start - ").bind(first).push(") / ").bind(hours * HOUR).push(" AS nth_bar, ");
        sql.push(OF_SUMS);
        push_spans(&mut sql, hours, scope, first, end);
    }
    sql.push(" GROUP BY 1");
    sql
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
    use model::role::Reach;
    use sqlx::Executor;
    use testdb::Database;

    /// How a database means to find the rows: the lines of its plan, one text.
    async fn plan(store: &Store, mut sql: Sql) -> String {
        let sqlite = matches!(store.dialect(), crate::dialect::Dialect::Sqlite { .. });
        sql.wrap(if sqlite { "EXPLAIN QUERY PLAN " } else { "EXPLAIN " }, "");
        let mut tx = store.reader().begin().await.unwrap();
        if !sqlite {
            // Of a table without rows PostgreSQL reads all of it, whatever indexes there are.
            tx.execute("SET LOCAL enable_seqscan = off").await.unwrap();
        }
        let lines = sql.fetch_all(&mut *tx).await.unwrap();
        let column = if sqlite { "detail" } else { "QUERY PLAN" };
        lines.iter().map(|line| line.text(column).unwrap() + "\n").collect()
    }

    /// The usage of one person is found by the index of their rows: never by walking the ledger, nor a whole tenant's.
    #[tokio::test]
    async fn ones_own_usage_is_found_by_an_index() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let (from, to) = (at("2026-03-01T00:00:00Z"), at("2026-03-08T00:00:00Z"));
        let own = UsageScope {
            user: Some("usr_0000000000000001".parse().unwrap()),
            ..UsageScope::of(Reach::Everywhere)
        };
        let in_tenant = UsageScope { tenant: Some("team-alpha".parse().unwrap()), ..own.clone() };
        for database in [Some(Database::sqlite()), Database::postgres()].into_iter().flatten() {
            let store = Store::open(database.url()).await.unwrap();
            for scope in [&own, &in_tenant] {
                for sql in [
                    bars(scope, from, BarLength::Day, 7),
                    bars(scope, from, BarLength::Hour, 24),
                    by_model(scope, from, to, 200),
                    by_key(scope, from, to, 200),
                ] {
                    let plan = plan(&store, sql).await;
                    let ways = plan.matches("usage_by_").count();
                    assert!(plan.contains("usage_by_user") && ways == 1, "{plan}");
                    assert!(!plan.contains("SCAN usage_ledger") && !plan.contains("Seq Scan"), "{plan}");
                }
            }
            store.close().await;
        }
    }

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
