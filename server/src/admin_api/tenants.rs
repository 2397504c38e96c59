//! `/tenants`: list, create, change, suspend and activate.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Optional, Reason};
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use model::id::TenantId;
use model::page::Page;
use model::tenant::{NewTenant, SwitchedTenant, Tenant, TenantChange};

/// `GET ?q=&cursor=&limit=`, by slug.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<Tenant>>, ProblemResponse> {
    let page = parameters.page();
    let q = parameters.take("q");
    parameters.finish()?;
    Ok(Json(control::tenants::list(&caller.control, &caller.actor, q.as_deref(), &page).await?))
}

/// `POST {id, name}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewTenant>,
) -> Result<(StatusCode, Json<Tenant>), ProblemResponse> {
    let tenant = control::tenants::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(tenant)))
}

/// `PATCH /{id} {name, self_service_tags}`: what is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(id): PathId<TenantId>,
    Body(change): Body<TenantChange>,
) -> Result<Json<Tenant>, ProblemResponse> {
    Ok(Json(control::tenants::change(&caller.control, &caller.actor, &id, change).await?))
}

/// `POST /{id}/suspend {reason}`: its keys are refused from now on; a receipt of what was cut.
pub(super) async fn suspend(
    caller: Caller,
    PathId(id): PathId<TenantId>,
    body: Optional<Reason>,
) -> Result<Json<SwitchedTenant>, ProblemResponse> {
    Ok(Json(control::tenants::suspend(&caller.control, &caller.actor, &id, body.reason()).await?))
}

/// `POST /{id}/activate {reason}`: its keys work again.
pub(super) async fn activate(
    caller: Caller,
    PathId(id): PathId<TenantId>,
    body: Optional<Reason>,
) -> Result<Json<SwitchedTenant>, ProblemResponse> {
    Ok(Json(control::tenants::activate(&caller.control, &caller.actor, &id, body.reason()).await?))
}
