//! `/memberships`: who belongs to which tenant.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Optional, Reason};
use super::query::{Parameters, PathIds};
use axum::Json;
use axum::http::StatusCode;
use control::memberships;
use model::membership::{EndedMembership, Membership, MembershipFilter, NewMembership};
use model::page::Page;
use model::{TenantId, UserId};

/// `GET ?user_id=&tenant_id=&cursor=&limit=`, by tenant and user.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<Membership>>, ProblemResponse> {
    let page = parameters.page();
    let filter = MembershipFilter {
        user_id: parameters.parse("user_id", "must be a user id", |text| text.parse().ok()),
        tenant_id: parameters.parse("tenant_id", "must be a tenant's slug", |text| text.parse().ok()),
    };
    parameters.finish()?;
    Ok(Json(memberships::list(&caller.control, &caller.actor, &filter, &page).await?))
}

/// `POST {user_id, tenant_id}`.
pub(super) async fn add(
    caller: Caller,
    Body(new): Body<NewMembership>,
) -> Result<(StatusCode, Json<Membership>), ProblemResponse> {
    let membership = memberships::add(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(membership)))
}

/// `DELETE /{user_id}/{tenant_id} {reason}`: their keys there are revoked; a receipt of what was cut.
pub(super) async fn end(
    caller: Caller,
    PathIds(user, tenant): PathIds<UserId, TenantId>,
    body: Optional<Reason>,
) -> Result<Json<EndedMembership>, ProblemResponse> {
    Ok(Json(memberships::end(&caller.control, &caller.actor, &user, &tenant, body.reason()).await?))
}
