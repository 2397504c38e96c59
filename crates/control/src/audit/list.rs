//! Listing the audit log.

use super::seen_by;
use crate::{Actor, Control, Error};
use model::audit::{AuditFilter, AuditOrder, AuditRow};
use model::page::{Page, PageRequest};

/// The rows that match, by time. Needs `audit:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &AuditFilter,
    order: AuditOrder,
    page: &PageRequest,
) -> Result<Page<AuditRow>, Error> {
    let filter = seen_by(actor, filter)?;
    Ok(control.store().list_audit(&filter, order, page).await?)
}
