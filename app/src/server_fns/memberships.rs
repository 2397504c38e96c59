//! Who belongs to which tenant.

use crate::error::{Answer, AppError};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::membership::{EndedMembership, Membership, NewMembership};
use model::{TenantId, UserId};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::answer;

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
