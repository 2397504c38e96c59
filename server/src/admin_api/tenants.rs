//! `/tenants`: list, create, read, change, suspend, activate and delete.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Optional, Reason};
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use model::id::TenantId;
use model::page::Page;
use model::tenant::{
    DeletedTenant, NewTenant, SwitchedTenant, Tenant, TenantChange, TenantFilter, TenantHoldings, TenantView,
};

/// `GET ?q=&cursor=&limit=`, by slug, with members, active keys and this month's cost.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<TenantView>>, ProblemResponse> {
    let page = parameters.page();
    let filter = TenantFilter { q: parameters.take("q"), id: None };
    parameters.finish()?;
    Ok(Json(control::tenants::list(&caller.control, &caller.actor, &filter, &page).await?))
}

/// `POST {id, name}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewTenant>,
) -> Result<(StatusCode, Json<Tenant>), ProblemResponse> {
    let tenant = control::tenants::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(tenant)))
}

/// `GET /{id}`.
pub(super) async fn read(
    caller: Caller,
    PathId(id): PathId<TenantId>,
) -> Result<Json<TenantView>, ProblemResponse> {
    Ok(Json(control::tenants::read(&caller.control, &caller.actor, &id).await?))
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

/// `GET /{id}/holdings`: what deleting it would take away.
pub(super) async fn holdings(
    caller: Caller,
    PathId(id): PathId<TenantId>,
) -> Result<Json<TenantHoldings>, ProblemResponse> {
    Ok(Json(control::tenants::holdings(&caller.control, &caller.actor, &id).await?))
}

/// `DELETE /{id} {reason}`: its keys are revoked, its memberships end; a receipt of what was cut.
pub(super) async fn delete(
    caller: Caller,
    PathId(id): PathId<TenantId>,
    body: Optional<Reason>,
) -> Result<Json<DeletedTenant>, ProblemResponse> {
    Ok(Json(control::tenants::delete(&caller.control, &caller.actor, &id, body.reason()).await?))
}
