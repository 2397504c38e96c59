//! `/providers`: make, list, read, change, remove, test. Credentials are taken and never given.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use control::catalog::providers;
use model::ProviderName;
use model::catalog::{NewProvider, ProbeResult, Provider, ProviderChange, ProviderDetail};
use model::page::Page;

/// `GET ?q=&cursor=&limit=`, by name.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<Provider>>, ProblemResponse> {
    let page = parameters.page();
    let q = parameters.take("q");
    parameters.finish()?;
    Ok(Json(providers::list(&caller.control, &caller.actor, q.as_deref(), &page).await?))
}

/// `POST {name, kind, …}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewProvider>,
) -> Result<(StatusCode, Json<Provider>), ProblemResponse> {
    let provider = providers::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(provider)))
}

/// `GET /{name}`: the provider and the models that have a target there.
pub(super) async fn read(
    caller: Caller,
    PathId(name): PathId<ProviderName>,
) -> Result<Json<ProviderDetail>, ProblemResponse> {
    Ok(Json(providers::read(&caller.control, &caller.actor, &name).await?))
}

/// `PATCH /{name}`: what is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(name): PathId<ProviderName>,
    Body(change): Body<ProviderChange>,
) -> Result<Json<Provider>, ProblemResponse> {
    Ok(Json(providers::change(&caller.control, &caller.actor, &name, change).await?))
}

/// `DELETE /{name}`: 204.
pub(super) async fn remove(
    caller: Caller,
    PathId(name): PathId<ProviderName>,
) -> Result<StatusCode, ProblemResponse> {
    providers::remove(&caller.control, &caller.actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /{name}/test`: 200 whatever the provider said; `ok` says whether it answered as it should.
pub(super) async fn test(
    caller: Caller,
    PathId(name): PathId<ProviderName>,
) -> Result<Json<ProbeResult>, ProblemResponse> {
    Ok(Json(providers::test(&caller.control, &caller.actor, &name).await?))
}
