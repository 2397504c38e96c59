//! Who belongs to which tenant.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::membership::{EndedMembership, Membership, MembershipFilter, NewMembership};
use model::{Page, PageRequest, TenantId, UserId};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated};

/// A page of memberships.
#[server(prefix = "/api", endpoint = "memberships/list", input = Json)]
pub async fn list_memberships(
    filter: MembershipFilter,
    page: PageRequest,
) -> Result<Dated<Page<Membership>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::memberships::list(&edge.control, edge.actor()?, &filter, &page).await)
}

/// Lets somebody join a tenant.
#[server(prefix = "/api", endpoint = "memberships/add", input = Json)]
pub async fn add_membership(new: NewMembership) -> Result<Answer<Membership>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::memberships::add(&edge.control, edge.actor()?, new).await)
}

/// Takes somebody out of a tenant; their keys there are revoked.
#[server(prefix = "/api", endpoint = "memberships/end", input = Json)]
pub async fn end_membership(
    user_id: UserId,
    tenant_id: TenantId,
    reason: Option<String>,
) -> Result<Answer<EndedMembership>, AppError> {
    let edge = Edge::current()?;
    let (actor, reason) = (edge.actor()?, reason.as_deref());
    answer(&edge, control::memberships::end(&edge.control, actor, &user_id, &tenant_id, reason).await)
}
