//! `/audit`: list, read, verify, export.

use super::ProblemResponse;
use super::auth::Caller;
use super::download::{Batches, File, download};
use super::query::{Parameters, PathId};
use super::spreadsheet::Spreadsheet;
use axum::Json;
use axum::body::Bytes;
use axum::response::Response;
use control::audit::{self, Export, ExportFormat};
use model::Timestamp;
use model::audit::{AuditFilter, AuditOrder, AuditRecord, AuditResult, AuditRow, AuditVerification};
use model::page::Page;
use serde::Serialize;
use serde_json::value::RawValue;

/// `GET ?actor=&action=&target_type=&target_id=&result=&tenant_id=&ip=&from=&to=&sort=&cursor=&limit=`.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<AuditRow>>, ProblemResponse> {
    let page = parameters.page();
    let order = parameters.parse("sort", "must be at or -at", AuditOrder::parse).unwrap_or_default();
    let filter = filter(&mut parameters);
    parameters.finish()?;
    Ok(Json(audit::list(&caller.control, &caller.actor, &filter, order, &page).await?))
}

/// `GET /{seq}`: a row with its facts.
pub(super) async fn read(caller: Caller, PathId(seq): PathId<i64>) -> Result<Json<Record>, ProblemResponse> {
    Ok(Json(Record::from(audit::read(&caller.control, &caller.actor, seq).await?)))
}

/// `GET /verify`: walks the whole log.
pub(super) async fn verify(
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Verified>, ProblemResponse> {
    parameters.finish()?;
    let result = audit::verify(&caller.control, &caller.actor).await?;
    let message = result.finding.map(|finding| finding.to_string());
    Ok(Json(Verified { intact: result.intact(), message, result }))
}

/// `GET /export?format=&…`: the filters of the list; streamed.
pub(super) async fn export(caller: Caller, mut parameters: Parameters) -> Result<Response, ProblemResponse> {
    let format = parameters.parse("format", "must be csv or jsonl", ExportFormat::parse);
    let filter = filter(&mut parameters);
    parameters.finish()?;
    let format = format.unwrap_or(ExportFormat::Csv);
    let rows = audit::export(&caller.control, &caller.actor, &filter, format).await?;
    let now = caller.control.now();
    Ok(match format {
        ExportFormat::Csv => download(&File::csv("audit"), now, rows, csv),
        ExportFormat::Jsonl => download(&File::jsonl("audit"), now, rows, |records, _| jsonl(records)),
    })
}

impl Batches for Export {
    type Row = AuditRecord;

    async fn next(&mut self) -> Result<Vec<AuditRecord>, control::Error> {
        Self::next(self).await
    }
}

/// The filters of list and export.
fn filter(parameters: &mut Parameters) -> AuditFilter {
    let time = "must be an RFC 3339 time such as 2026-12-31T23:59:59Z";
    AuditFilter {
        actor: parameters.take("actor"),
        action: parameters.take("action"),
        target_type: parameters.take("target_type"),
        target_id: parameters.take("target_id"),
        result: parameters.parse("result", "must be success, denied or failure", AuditResult::parse),
        tenant_id: parameters.parse("tenant_id", "must be a tenant's slug", |text| text.parse().ok()),
        ip: parameters.parse("ip", "must be an IP address", |text| text.parse().ok()),
        from: parameters.parse("from", time, Timestamp::parse_rfc3339),
        to: parameters.parse("to", time, Timestamp::parse_rfc3339),
    }
}

const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "actor_id",
    "actor",
    "action",
    "target_type",
    "target_id",
    "target_name",
    "tenant_id",
    "result",
    "ip",
    "detail",
    "hash",
];

fn csv(records: Vec<AuditRecord>, first: bool) -> Result<Bytes, std::io::Error> {
    let mut sheet = Spreadsheet::new();
    if first {
        sheet.row(COLUMNS)?;
    }
    for AuditRecord { row, detail, hash } in records {
        let cells: [&str; 13] = [
            &row.seq.to_string(),
            &row.at.to_string(),
            &row.actor_id,
            &row.actor,
            &row.action,
            &row.target_type,
            &row.target_id,
            &row.target_name,
            row.tenant_id.as_ref().map_or("", |id| id.as_str()),
            row.result.as_str(),
            row.ip.as_deref().unwrap_or_default(),
            &detail,
            hash.as_deref().unwrap_or_default(),
        ];
        sheet.row(cells)?;
    }
    sheet.into_bytes()
}

fn jsonl(records: Vec<AuditRecord>) -> Result<Bytes, std::io::Error> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, &Record::from(record))?;
        lines.push(b'\n');
    }
    Ok(lines.into())
}

/// A row with its facts.
#[derive(Serialize)]
pub(super) struct Record {
    #[serde(flatten)]
    row: AuditRow,
    detail: Option<Box<RawValue>>,
    hash: Option<String>,
}

impl From<AuditRecord> for Record {
    fn from(AuditRecord { row, detail, hash }: AuditRecord) -> Self {
        // It is JSON unless somebody changed it by hand.
        Self { row, detail: RawValue::from_string(detail).ok(), hash }
    }
}

/// The answer of `/verify`.
#[derive(Serialize)]
pub(super) struct Verified {
    intact: bool,
    message: Option<String>,
    #[serde(flatten)]
    result: AuditVerification,
}
