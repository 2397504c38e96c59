//! One row of the audit log.

use super::{explain, seen_by};
use crate::{Actor, Control, Error};
use model::audit::{AuditDetail, AuditFilter, AuditRecord};

/// One row with its facts as they were written. Needs `audit:read`.
pub async fn read(control: &Control, actor: &Actor, seq: i64) -> Result<AuditRecord, Error> {
    seen_by(actor, &AuditFilter::default())?;
    control.store().audit_record(seq).await?.ok_or(Error::NotFound)
}

/// One row with its facts for people. Needs `audit:read`.
pub async fn detail(control: &Control, actor: &Actor, seq: i64) -> Result<AuditDetail, Error> {
    let AuditRecord { row, detail, hash } = read(control, actor, seq).await?;
    let (changes, facts) = explain(&detail);
    Ok(AuditDetail { row, changes, facts, hash })
}
