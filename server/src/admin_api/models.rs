//! `/models`: make, list, read, change, remove, and who may call one. A name with `/` in it is written with `%2F`.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use control::catalog::models;
use model::ModelName;
use model::catalog::{Model, ModelCallers, ModelChange, ModelDetail, NewModel};
use model::page::Page;

/// `GET ?q=&cursor=&limit=`, by name.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<Model>>, ProblemResponse> {
    let page = parameters.page();
    let q = parameters.take("q");
    parameters.finish()?;
    Ok(Json(models::list(&caller.control, &caller.actor, q.as_deref(), &page).await?))
}

/// `POST {name, targets, …}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewModel>,
) -> Result<(StatusCode, Json<Model>), ProblemResponse> {
    let model = models::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(model)))
}

/// `GET /{name}`: the model and the state of its targets.
pub(super) async fn read(
    caller: Caller,
    PathId(name): PathId<ModelName>,
) -> Result<Json<ModelDetail>, ProblemResponse> {
    Ok(Json(models::read(&caller.control, &caller.actor, &name).await?))
}

/// `PATCH /{name}`: what is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(name): PathId<ModelName>,
    Body(change): Body<ModelChange>,
) -> Result<Json<Model>, ProblemResponse> {
    Ok(Json(models::change(&caller.control, &caller.actor, &name, change).await?))
}

/// `DELETE /{name}`: 204.
pub(super) async fn remove(
    caller: Caller,
    PathId(name): PathId<ModelName>,
) -> Result<StatusCode, ProblemResponse> {
    models::remove(&caller.control, &caller.actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /{name}/callers?cursor=&limit=`: the rules that narrow the model and the keys that may call it.
pub(super) async fn callers(
    caller: Caller,
    PathId(name): PathId<ModelName>,
    mut parameters: Parameters,
) -> Result<Json<ModelCallers>, ProblemResponse> {
    let page = parameters.page();
    parameters.finish()?;
    Ok(Json(models::who_may_call(&caller.control, &caller.actor, &name, &page).await?))
}
