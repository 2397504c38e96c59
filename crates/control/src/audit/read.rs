//! One row of the audit log.

use super::{READ, explain};
use crate::{Actor, Control, Error};
use model::audit::{AuditDetail, AuditRecord};

/// One row with its facts as they were written. Needs `audit:read`, in the tenant that it is about or everywhere.
pub async fn read(control: &Control, actor: &Actor, seq: i64) -> Result<AuditRecord, Error> {
    let record = control.store().audit_record(seq).await?;
    actor.sees(READ, record.as_ref().and_then(|record| record.row.tenant_id.as_ref()))?;
    record.ok_or(Error::NotFound)
}

/// One row with its facts for people. Needs what [`read`] needs.
pub async fn detail(control: &Control, actor: &Actor, seq: i64) -> Result<AuditDetail, Error> {
    let AuditRecord { row, detail, hash } = read(control, actor, seq).await?;
    let (changes, facts) = explain(&detail);
    Ok(AuditDetail { row, changes, facts, hash })
}
