//! `/users/{id}/role` and `/users/{id}/assignments`: who has which role, and where.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::{PathId, PathIds3};
use axum::Json;
use axum::http::StatusCode;
use control::roles;
use model::role::{Assignment, NewAssignment, RoleName, RoleOfUser};
use model::user::User;
use model::{TenantId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// An account's roles.
#[derive(Serialize, ToSchema)]
pub(super) struct Assignments {
    items: Vec<Assignment>,
}

/// `PUT /{id}/role {role, reason}`: the record as it is now.
pub(super) async fn set_role(
    caller: Caller,
    PathId(id): PathId<UserId>,
    Body(change): Body<RoleOfUser>,
) -> Result<Json<User>, ProblemResponse> {
    Ok(Json(roles::set_role(&caller.control, &caller.actor, &id, change).await?))
}

/// `GET /{id}/assignments`: the global one first.
pub(super) async fn list(
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<Assignments>, ProblemResponse> {
    let items = roles::assignments(&caller.control, &caller.actor, &id).await?;
    Ok(Json(Assignments { items }))
}

/// `POST /{id}/assignments {tenant_id, role}`.
pub(super) async fn assign(
    caller: Caller,
    PathId(id): PathId<UserId>,
    Body(new): Body<NewAssignment>,
) -> Result<(StatusCode, Json<Assignment>), ProblemResponse> {
    let given = roles::assign(&caller.control, &caller.actor, &id, new).await?;
    Ok((StatusCode::CREATED, Json(given)))
}

/// `DELETE /{id}/assignments/{tenant_id}/{role}`: 204.
pub(super) async fn unassign(
    caller: Caller,
    PathIds3(id, tenant_id, role): PathIds3<UserId, TenantId, RoleName>,
) -> Result<StatusCode, ProblemResponse> {
    roles::unassign(&caller.control, &caller.actor, &id, &NewAssignment { tenant_id, role }).await?;
    Ok(StatusCode::NO_CONTENT)
}
