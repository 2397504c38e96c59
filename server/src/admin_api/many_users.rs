//! `/users/bulk/…`: the same for many accounts, with a result for each.

use super::auth::Caller;
use super::body::Body;
use super::{ProblemResponse, correlation_id};
use axum::Json;
use control::users;
use model::user::{OffboardMany, OneOfMany, StatusOfMany};
use serde::Serialize;

/// What became of each, in the order of the call.
#[derive(Serialize)]
pub(super) struct Results {
    items: Vec<OneOfMany>,
    done: usize,
    failed: usize,
}

impl From<Vec<OneOfMany>> for Results {
    fn from(items: Vec<OneOfMany>) -> Self {
        let done = items.iter().filter(|one| one.is_done()).count();
        Self { failed: items.len() - done, done, items }
    }
}

/// `POST /status {ids, status, reason}`: 200 whatever became of each.
pub(super) async fn set_status(
    caller: Caller,
    Body(many): Body<StatusOfMany>,
) -> Result<Json<Results>, ProblemResponse> {
    let results = users::set_status_many(&caller.control, &caller.actor, many, &correlation_id()).await?;
    Ok(Json(results.into()))
}

/// `POST /offboard {ids, reason}`: 200 whatever became of each.
pub(super) async fn offboard(
    caller: Caller,
    Body(many): Body<OffboardMany>,
) -> Result<Json<Results>, ProblemResponse> {
    let results = users::offboard_many(&caller.control, &caller.actor, many, &correlation_id()).await?;
    Ok(Json(results.into()))
}
