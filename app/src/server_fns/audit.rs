//! The audit log.

use crate::error::AppError;
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::audit::{AuditDetail, AuditFilter, AuditOrder, AuditRow, AuditVerification};
use model::{Page, PageRequest};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{ONE_ROW, dated, found, hiding};

/// A page of rows.
#[server(prefix = "/api", endpoint = "audit/list", input = Json)]
pub async fn list_audit(
    filter: AuditFilter,
    order: AuditOrder,
    page: PageRequest,
) -> Result<Dated<Page<AuditRow>>, AppError> {
    let edge = Edge::current()?;
    let (every, actor) = (AuditFilter::default(), edge.actor()?);
    let listed = control::audit::list(&edge.control, actor, &filter, order, &page).await;
    let all = control::audit::list(&edge.control, actor, &every, order, &ONE_ROW);
    dated(&edge, hiding(filter != every, listed, all).await)
}

/// One row with its facts.
#[server(prefix = "/api", endpoint = "audit/read", input = Json)]
pub async fn read_audit(seq: i64) -> Result<Dated<AuditDetail>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::audit::detail(&edge.control, edge.actor()?, seq).await)
}

/// Checks the rows after the one with the number `after`, as many as take a moment.
#[server(prefix = "/api", endpoint = "audit/verify", input = Json)]
pub async fn verify_audit(after: Option<i64>) -> Result<AuditVerification, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::audit::verify_part(&edge.control, edge.actor()?, after).await)
}
