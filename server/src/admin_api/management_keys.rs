//! `/management-keys`: the credentials of this API.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Optional, Reason};
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use control::management_keys;
use model::ManagementKeyId;
use model::management_key::{CreatedManagementKey, ManagementKeyFilter, ManagementKeyView, NewManagementKey};
use model::page::Page;

/// `GET ?creator_id=&tenant_id=&include_revoked=&cursor=&limit=`, newest first.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<ManagementKeyView>>, ProblemResponse> {
    let page = parameters.page();
    let filter = ManagementKeyFilter {
        creator_id: parameters.parse("creator_id", "must be a user id", |text| text.parse().ok()),
        tenant_id: parameters.parse("tenant_id", "must be a tenant's slug", |text| text.parse().ok()),
        include_revoked: parameters
            .parse("include_revoked", "must be true or false", |text| text.parse().ok())
            .unwrap_or(false),
    };
    parameters.finish()?;
    Ok(Json(management_keys::list(&caller.control, &caller.actor, &filter, &page).await?))
}

/// `POST {name, permissions, tenant_id, expires_at}`: the one answer that holds the secret.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewManagementKey>,
) -> Result<(StatusCode, Json<CreatedManagementKey>), ProblemResponse> {
    let created = management_keys::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /{id}`: the record, without the secret.
pub(super) async fn read(
    caller: Caller,
    PathId(id): PathId<ManagementKeyId>,
) -> Result<Json<ManagementKeyView>, ProblemResponse> {
    Ok(Json(management_keys::read(&caller.control, &caller.actor, &id).await?))
}

/// `DELETE /{id}` and `POST /{id}/revoke` `{reason}`: revokes; the record as it is now.
pub(super) async fn revoke(
    caller: Caller,
    PathId(id): PathId<ManagementKeyId>,
    body: Optional<Reason>,
) -> Result<Json<ManagementKeyView>, ProblemResponse> {
    Ok(Json(management_keys::revoke(&caller.control, &caller.actor, &id, body.reason()).await?))
}
