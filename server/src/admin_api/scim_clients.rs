//! `/scim-clients`, and the `/provisioning-log` of what they did.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Optional, Reason};
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use control::scim;
use model::ScimClientId;
use model::page::Page;
use model::scim::{
    CreatedScimClient, NewScimClient, ProvisioningEntry, ProvisioningFilter, ProvisioningResult, ScimClient,
    ScimClientFilter,
};

/// `GET ?include_revoked=&cursor=&limit=`, newest first.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<ScimClient>>, ProblemResponse> {
    let page = parameters.page();
    let filter = ScimClientFilter {
        include_revoked: parameters
            .parse("include_revoked", "must be true or false", |text| text.parse().ok())
            .unwrap_or(false),
    };
    parameters.finish()?;
    Ok(Json(scim::list(&caller.control, &caller.actor, &filter, &page).await?))
}

/// `POST {name, adopt_existing}`: the one answer that holds the token.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewScimClient>,
) -> Result<(StatusCode, Json<CreatedScimClient>), ProblemResponse> {
    let created = scim::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /{id}`: the record, without the token.
pub(super) async fn read(
    caller: Caller,
    PathId(id): PathId<ScimClientId>,
) -> Result<Json<ScimClient>, ProblemResponse> {
    Ok(Json(scim::read(&caller.control, &caller.actor, &id).await?))
}

/// `DELETE /{id}` and `POST /{id}/revoke` `{reason}`: revokes; the record as it is now.
pub(super) async fn revoke(
    caller: Caller,
    PathId(id): PathId<ScimClientId>,
    body: Optional<Reason>,
) -> Result<Json<ScimClient>, ProblemResponse> {
    Ok(Json(scim::revoke(&caller.control, &caller.actor, &id, body.reason()).await?))
}

/// `GET /provisioning-log?client_id=&result=&cursor=&limit=`, newest first.
pub(super) async fn provisioning_log(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<ProvisioningEntry>>, ProblemResponse> {
    let page = parameters.page();
    let filter = ProvisioningFilter {
        client_id: parameters.parse("client_id", "must be a SCIM client's id", |text| text.parse().ok()),
        result: parameters.parse("result", "must be success or failure", ProvisioningResult::parse),
    };
    parameters.finish()?;
    Ok(Json(scim::provisioning_log(&caller.control, &caller.actor, &filter, &page).await?))
}
