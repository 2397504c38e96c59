//! `/console/usage/export`: what the Console's usage page shows, as a file. For whoever is signed in, about themselves; a
//! master key or management key has no usage of its own and gets what a stranger gets.

use super::auth::Caller;
use super::download::{File, attachment};
use super::query::Parameters;
use super::spreadsheet::Spreadsheet;
use super::{ProblemResponse, wrong_method};
use crate::http::Http;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use axum::routing::get;
use futures_util::stream::iter;
use model::usage_report::{UsageBy, UsageLine, UsageOf, UsagePeriod, UsageQuestion};

/// The route; it belongs to the pages and goes with them.
pub(crate) fn router(http: Http) -> Router {
    Router::new()
        .route("/console/usage/export", get(export))
        .method_not_allowed_fallback(wrong_method)
        .with_state(http)
}

/// `GET ?period=&by=&tenant=`: the words of the page's own address.
async fn export(caller: Caller, mut parameters: Parameters) -> Result<Response, ProblemResponse> {
    let period = parameters.parse("period", "must be 24h, 7d, 30d or 90d", UsagePeriod::parse);
    let by = parameters.parse("by", "must be model or key", UsageBy::parse);
    let tenant_id = parameters.parse("tenant", "must be a tenant's slug", |text| text.parse().ok());
    parameters.finish()?;
    let question =
        UsageQuestion { period: period.unwrap_or_default(), by: by.unwrap_or_default(), tenant_id };
    let report = control::usage::report(&caller.control, &caller.actor, &question).await?;
    // As in the other files, what goes wrong in writing breaks the answer off.
    let file = Body::from_stream(iter([csv(question.by, &report.lines)]));
    Ok(attachment(&File::csv("usage"), caller.control.now(), file))
}

const FIGURES: [&str; 6] =
    ["requests", "errors", "input_tokens", "cached_input_tokens", "output_tokens", "cost_usd"];

fn csv(by: UsageBy, lines: &[UsageLine]) -> Result<Bytes, std::io::Error> {
    let names: &[&str] = match by {
        UsageBy::Model => &["model"],
        UsageBy::Key => &["key_id", "key"],
    };
    let mut sheet = Spreadsheet::new();
    sheet.row(names.iter().chain(&FIGURES).copied())?;
    for UsageLine { of, totals } in lines {
        let names = match of {
            UsageOf::Model { name } => vec![name.as_str()],
            UsageOf::Key { id, name } => vec![id.as_str(), name.as_deref().unwrap_or_default()],
        };
        let figures = [
            totals.requests.to_string(),
            totals.errors.to_string(),
            totals.input_tokens.to_string(),
            totals.cached_input_tokens.to_string(),
            totals.output_tokens.to_string(),
            totals.cost_usd.to_string(),
        ];
        sheet.row(names.into_iter().chain(figures.iter().map(String::as_str)))?;
    }
    sheet.into_bytes()
}
