//! Listing the audit log.

use super::{READ, tidy};
use crate::{Actor, Control, Error};
use model::audit::{AuditFilter, AuditOrder, AuditRow};
use model::page::{Page, PageRequest};

/// The rows that match, by time: all of them, or those about objects of tenants in which `actor` holds `audit:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &AuditFilter,
    order: AuditOrder,
    page: &PageRequest,
) -> Result<Page<AuditRow>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    Ok(control.store().list_audit(&tidy(filter), order, page, &reach).await?)
}
