//! Tenants and who belongs to them.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::membership::Membership;
use model::tenant::{
    DeletedTenant, NewTenant, SwitchedTenant, Tenant, TenantChange, TenantFilter, TenantHoldings, TenantView,
};
use model::{Page, PageRequest, TenantId};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{ONE_ROW, answer, dated, found, hiding};
#[cfg(feature = "ssr")]
use model::membership::MembershipFilter;

/// A tenant with the first of its people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantDetail {
    /// The tenant.
    pub tenant: TenantView,
    /// Who belongs to it; nothing for who may not see that.
    pub members: Option<Page<Membership>>,
}

/// A page of tenants.
#[server(prefix = "/api", endpoint = "tenants/list", input = Json)]
pub async fn list_tenants(
    filter: TenantFilter,
    page: PageRequest,
) -> Result<Dated<Page<TenantView>>, AppError> {
    let edge = Edge::current()?;
    let (every, actor) = (TenantFilter::default(), edge.actor()?);
    let listed = control::tenants::list(&edge.control, actor, &filter, &page).await;
    let all = control::tenants::list(&edge.control, actor, &every, &ONE_ROW);
    dated(&edge, hiding(filter != every, listed, all).await)
}

/// One tenant.
#[server(prefix = "/api", endpoint = "tenants/read", input = Json)]
pub async fn read_tenant(id: TenantId) -> Result<Dated<TenantDetail>, AppError> {
    let edge = Edge::current()?;
    let actor = edge.actor()?;
    let tenant = found(&edge, control::tenants::read(&edge.control, actor, &id).await)?;
    let filter = MembershipFilter { user_id: None, tenant_id: Some(id) };
    let members = control::memberships::list(&edge.control, actor, &filter, &PageRequest::default()).await;
    let members = match members {
        Err(control::Error::Forbidden(_)) => Ok(None),
        other => other.map(Some),
    };
    dated(&edge, members.map(|members| TenantDetail { tenant, members }))
}

/// Makes a tenant.
#[server(prefix = "/api", endpoint = "tenants/create", input = Json)]
pub async fn create_tenant(new: NewTenant) -> Result<Answer<Tenant>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::tenants::create(&edge.control, edge.actor()?, new).await)
}

/// Changes a tenant.
#[server(prefix = "/api", endpoint = "tenants/change", input = Json)]
pub async fn change_tenant(id: TenantId, change: TenantChange) -> Result<Answer<Tenant>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::tenants::change(&edge.control, edge.actor()?, &id, change).await)
}

/// Suspends a tenant, or lets it work again.
#[server(prefix = "/api", endpoint = "tenants/switch", input = Json)]
pub async fn switch_tenant(
    id: TenantId,
    suspend: bool,
    reason: Option<String>,
) -> Result<Answer<SwitchedTenant>, AppError> {
    let edge = Edge::current()?;
    let (actor, reason) = (edge.actor()?, reason.as_deref());
    let switched = if suspend {
        control::tenants::suspend(&edge.control, actor, &id, reason).await
    } else {
        control::tenants::activate(&edge.control, actor, &id, reason).await
    };
    answer(&edge, switched)
}

/// What deleting a tenant would take away.
#[server(prefix = "/api", endpoint = "tenants/holdings", input = Json)]
pub async fn read_holdings(id: TenantId) -> Result<TenantHoldings, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::tenants::holdings(&edge.control, edge.actor()?, &id).await)
}

/// Deletes a tenant.
#[server(prefix = "/api", endpoint = "tenants/delete", input = Json)]
pub async fn delete_tenant(id: TenantId, reason: Option<String>) -> Result<Answer<DeletedTenant>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::tenants::delete(&edge.control, edge.actor()?, &id, reason.as_deref()).await)
}
