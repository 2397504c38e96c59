//! Taking the audit log out: written down before the first row leaves, and read in pages, so that ten million rows need
//! no more memory than a thousand.

use super::{EXPORT, Target, tidy};
use crate::{Actor, Control, Error};
use model::audit::{AuditFilter, AuditRecord, AuditResult, AuditRow};
use model::role::Reach;
use serde_json::json;

const ACTION: &str = "audit.export";

/// Rows read at a time.
const BATCH: u16 = 1_000;

/// How the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// For spreadsheets.
    Csv,
    /// A JSON object in each line.
    Jsonl,
}

impl ExportFormat {
    /// The word in the API, and the ending of the file's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Csv, Self::Jsonl].into_iter().find(|format| format.as_str() == text)
    }
}

/// An export under way.
pub struct Export {
    control: Control,
    filter: AuditFilter,
    reach: Reach,
    after: Option<AuditRow>,
    through: i64,
    ended: bool,
}

/// Begins an export of the rows that match, oldest first: of all of them, its own row included, or of those about objects
/// of tenants in which `actor` holds `audit:export`.
pub async fn export(
    control: &Control,
    actor: &Actor,
    filter: &AuditFilter,
    format: ExportFormat,
) -> Result<Export, Error> {
    let target = Target { kind: "audit", id: "", name: "audit log", tenant_id: None };
    let reach = match actor.reach_or_refuse(EXPORT) {
        Ok(reach) => reach,
        Err(error) => return Err(control.refuse(actor, EXPORT, ACTION, &target, error).await),
    };
    let filter = tidy(filter);
    let detail = json!({ "format": format.as_str(), "filter": &filter });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    let tx = control.store().begin().await?;
    control.commit(tx, entry, Vec::new()).await?;
    let through = control.store().newest_audit_row().await?;
    Ok(Export { control: control.clone(), filter, reach, after: None, through, ended: false })
}

impl Export {
    /// The next rows; none: that was all.
    pub async fn next(&mut self) -> Result<Vec<AuditRecord>, Error> {
        if self.ended {
            return Ok(Vec::new());
        }
        let store = self.control.store();
        let records =
            store.audit_records(&self.filter, &self.reach, self.after.as_ref(), self.through, BATCH).await?;
        self.ended = records.len() < usize::from(BATCH);
        self.after = records.last().map(|record| record.row.clone());
        Ok(records)
    }
}
