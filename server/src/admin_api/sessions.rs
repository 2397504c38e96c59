//! `/users/{id}/sessions`: looking at somebody's sessions and ending them.

use super::ProblemResponse;
use super::auth::Caller;
use super::query::{Parameters, PathId, PathIds};
use super::whole::whole;
use axum::Json;
use control::users;
use model::page::Page;
use model::session::{EndedSessions, SessionView};
use model::{SessionId, UserId};

/// `GET`: all that are under way, the last seen first.
pub(super) async fn list(
    caller: Caller,
    PathId(id): PathId<UserId>,
    parameters: Parameters,
) -> Result<Json<Page<SessionView>>, ProblemResponse> {
    parameters.finish()?;
    Ok(Json(whole(users::sessions(&caller.control, &caller.actor, &id).await?)))
}

/// `DELETE`: ends all.
pub(super) async fn end_all(
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<EndedSessions>, ProblemResponse> {
    Ok(Json(users::end_sessions(&caller.control, &caller.actor, &id, None).await?))
}

/// `DELETE /{session_id}`: ends one.
pub(super) async fn end(
    caller: Caller,
    PathIds(id, session): PathIds<UserId, SessionId>,
) -> Result<Json<EndedSessions>, ProblemResponse> {
    Ok(Json(users::end_sessions(&caller.control, &caller.actor, &id, Some(&session)).await?))
}
