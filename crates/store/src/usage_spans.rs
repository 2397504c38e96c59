//! The ledger's totals by tenant, in whole hours and whole days: kept with each row that is appended.

use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::{Sql, Value, stored};
use model::TenantId;
use model::usage::{Outcome, UsageRow};
use sqlx::AnyConnection;
use std::collections::BTreeMap;

pub(crate) const HOUR: i64 = 3_600_000_000;
pub(crate) const DAY: i64 = 24 * HOUR;

#[derive(Default)]
struct Sums {
    requests: i64,
    errors: i64,
    input_tokens: i64,
    cached_input_tokens: i64,
    output_tokens: i64,
    cost_micros: i64,
}

impl Sums {
    /// A request is counted at its first attempt. An attempt is only ever repeated after an error, so errors that a
    /// client saw are the failed attempts less the repetitions. `usage_totals` counts rows in the same way.
    fn add(&mut self, row: &UsageRow) {
        let failed = row.outcome != Outcome::Completed || row.status >= 400;
        self.requests += i64::from(row.attempt == 1);
        self.errors += i64::from(failed) - i64::from(row.attempt > 1);
        self.input_tokens += stored(row.input_tokens);
        self.cached_input_tokens += stored(row.cached_input_tokens);
        self.output_tokens += stored(row.output_tokens);
        self.cost_micros += row.cost_usd.as_micros();
    }
}

/// Adds rows that have just been written to their hours and days.
pub(crate) async fn add(dialect: &Dialect, tx: &mut AnyConnection, rows: &[UsageRow]) -> Result<()> {
    // Sorted: two nodes that write at once take row locks in the same order.
    let mut spans = BTreeMap::<(i64, i64, &TenantId), Sums>::new();
    for row in rows {
        let at = row.started_at.as_micros();
        for length in [HOUR, DAY] {
            spans.entry((length / HOUR, at - at.rem_euclid(length), &row.tenant_id)).or_default().add(row);
        }
    }
    let spans: Vec<_> = spans.into_iter().collect();
    for chunk in spans.chunks(500) {
        let mut sql = Sql::new(
            "INSERT INTO usage_spans (hours, start, tenant_id, requests, errors, input_tokens, cached_input_tokens,
                                      output_tokens, cost_micros) VALUES ",
        );
        sql.rows(
            dialect,
            chunk.iter().map(|((hours, start, tenant), sums)| {
                [
                    Value::from(*hours),
                    (*start).into(),
                    tenant.as_str().into(),
                    sums.requests.into(),
                    sums.errors.into(),
                    sums.input_tokens.into(),
                    sums.cached_input_tokens.into(),
                    sums.output_tokens.into(),
                    sums.cost_micros.into(),
                ]
            }),
        );
        sql.push(
            " ON CONFLICT (hours, start, tenant_id) DO UPDATE SET
               requests = usage_spans.requests + excluded.requests, errors = usage_spans.errors + excluded.errors,
               input_tokens = usage_spans.input_tokens + excluded.input_tokens,
               cached_input_tokens = usage_spans.cached_input_tokens + excluded.cached_input_tokens,
               output_tokens = usage_spans.output_tokens + excluded.output_tokens,
               cost_micros = usage_spans.cost_micros + excluded.cost_micros",
        );
        sql.execute_once(&mut *tx).await?;
    }
    Ok(())
}
