//! `/roles` and `/permissions`: what people may do.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::{Parameters, PathId};
use super::whole::whole;
use axum::Json;
use axum::http::StatusCode;
use model::RoleName;
use model::page::Page;
use model::role::{NewRole, PermissionView, Role, RoleChange, RoleView};

/// `GET`: all of them, the built-in ones first.
pub(super) async fn list(
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Page<RoleView>>, ProblemResponse> {
    parameters.finish()?;
    Ok(Json(whole(control::roles::list(&caller.control, &caller.actor).await?)))
}

/// `POST {name, title, description, permissions}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewRole>,
) -> Result<(StatusCode, Json<Role>), ProblemResponse> {
    let role = control::roles::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(role)))
}

/// `GET /{name}`.
pub(super) async fn read(
    caller: Caller,
    PathId(name): PathId<RoleName>,
) -> Result<Json<RoleView>, ProblemResponse> {
    Ok(Json(control::roles::read(&caller.control, &caller.actor, &name).await?))
}

/// `PATCH /{name} {title, description, permissions}`: what is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(name): PathId<RoleName>,
    Body(change): Body<RoleChange>,
) -> Result<Json<Role>, ProblemResponse> {
    Ok(Json(control::roles::change(&caller.control, &caller.actor, &name, change).await?))
}

/// `DELETE /{name}`: 204.
pub(super) async fn remove(
    caller: Caller,
    PathId(name): PathId<RoleName>,
) -> Result<StatusCode, ProblemResponse> {
    control::roles::remove(&caller.control, &caller.actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /permissions`: each with what it means.
pub(super) async fn permissions(
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Page<PermissionView>>, ProblemResponse> {
    parameters.finish()?;
    Ok(Json(whole(control::roles::permissions(&caller.actor)?)))
}
