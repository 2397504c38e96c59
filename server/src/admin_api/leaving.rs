//! `/users/{id}/offboard`: what it will take away, and taking it.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Optional, Reason};
use super::query::PathId;
use axum::Json;
use control::users;
use model::UserId;
use model::offboard::{OffboardInventory, Offboarded};

/// `GET`: what it will do. Changes nothing.
pub(super) async fn inventory(
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<OffboardInventory>, ProblemResponse> {
    Ok(Json(users::inventory(&caller.control, &caller.actor, &id).await?))
}

/// `POST {reason}`: does it; a receipt of what was taken and cut.
pub(super) async fn offboard(
    caller: Caller,
    PathId(id): PathId<UserId>,
    body: Optional<Reason>,
) -> Result<Json<Offboarded>, ProblemResponse> {
    Ok(Json(users::offboard(&caller.control, &caller.actor, &id, body.reason()).await?))
}
