//! `/identity-providers`: make, list, read, change, remove, check. Client secrets are taken and never given. And
//! `/users/{id}/identities`: who somebody is at them.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::{Parameters, PathId, PathIds};
use super::whole::whole;
use crate::http::Http;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use control::sso::{self, identity_providers};
use model::page::Page;
use model::sso::{Identity, IdentityProvider, IdentityProviderChange, NewIdentityProvider, ProviderCheck};
use model::{IdentityId, IdentityProviderName, UserId};

/// `GET`: all of them, by title.
pub(super) async fn list(
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Page<IdentityProvider>>, ProblemResponse> {
    parameters.finish()?;
    Ok(Json(whole(identity_providers::list(&caller.control, &caller.actor).await?)))
}

/// `POST {name, title, issuer, client_id, …}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewIdentityProvider>,
) -> Result<(StatusCode, Json<IdentityProvider>), ProblemResponse> {
    let provider = identity_providers::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(provider)))
}

/// `GET /{name}`.
pub(super) async fn read(
    caller: Caller,
    PathId(name): PathId<IdentityProviderName>,
) -> Result<Json<IdentityProvider>, ProblemResponse> {
    Ok(Json(identity_providers::read(&caller.control, &caller.actor, &name).await?))
}

/// `PATCH /{name}`: what is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(name): PathId<IdentityProviderName>,
    Body(change): Body<IdentityProviderChange>,
) -> Result<Json<IdentityProvider>, ProblemResponse> {
    Ok(Json(identity_providers::change(&caller.control, &caller.actor, &name, change).await?))
}

/// `DELETE /{name}`: 204.
pub(super) async fn remove(
    caller: Caller,
    PathId(name): PathId<IdentityProviderName>,
) -> Result<StatusCode, ProblemResponse> {
    identity_providers::remove(&caller.control, &caller.actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /{name}/check`: 200 whatever was found; `ok` says whether people could sign in.
pub(super) async fn check(
    State(http): State<Http>,
    caller: Caller,
    PathId(name): PathId<IdentityProviderName>,
) -> Result<Json<ProviderCheck>, ProblemResponse> {
    let base_url = http.base_url.as_str();
    Ok(Json(identity_providers::check(&caller.control, &caller.actor, &name, base_url).await?))
}

/// `GET /users/{id}/identities`: the oldest first.
pub(super) async fn identities(
    caller: Caller,
    PathId(id): PathId<UserId>,
    parameters: Parameters,
) -> Result<Json<Page<Identity>>, ProblemResponse> {
    parameters.finish()?;
    Ok(Json(whole(sso::identities(&caller.control, &caller.actor, &id).await?)))
}

/// `DELETE /users/{id}/identities/{identity_id}`: 204.
pub(super) async fn unlink(
    caller: Caller,
    PathIds(id, identity): PathIds<UserId, IdentityId>,
) -> Result<StatusCode, ProblemResponse> {
    sso::unlink(&caller.control, &caller.actor, &id, &identity).await?;
    Ok(StatusCode::NO_CONTENT)
}
