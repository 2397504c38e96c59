//! `/users`: switch accounts off and on.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::PathId;
use axum::Json;
use model::id::UserId;
use model::user::{SwitchedUser, UserChange};

/// `PATCH /{id} {status, reason}`: the record as it is now, and a receipt of what was cut.
pub(super) async fn set_status(
    caller: Caller,
    PathId(id): PathId<UserId>,
    Body(change): Body<UserChange>,
) -> Result<Json<SwitchedUser>, ProblemResponse> {
    Ok(Json(control::users::set_status(&caller.control, &caller.actor, &id, change).await?))
}
