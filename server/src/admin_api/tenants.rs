//! `/tenants`: list and create.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::Parameters;
use axum::Json;
use axum::http::StatusCode;
use model::page::Page;
use model::tenant::{NewTenant, Tenant};

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
