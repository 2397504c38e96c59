//! `/access-rules`: make, list, read, change, remove.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::Body;
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use control::access_rules;
use model::AccessRuleId;
use model::access::{AccessRuleChange, AccessRuleFilter, AccessRuleView, AccessScopeType, NewAccessRule};
use model::page::Page;

/// `GET ?q=&scope_type=&scope_value=&cursor=&limit=`, newest first.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<AccessRuleView>>, ProblemResponse> {
    let page = parameters.page();
    let filter = AccessRuleFilter {
        q: parameters.take("q"),
        scope_type: parameters.parse(
            "scope_type",
            "must be tenant, user or user_path",
            AccessScopeType::parse,
        ),
        scope_value: parameters.take("scope_value"),
    };
    parameters.finish()?;
    Ok(Json(access_rules::list(&caller.control, &caller.actor, &filter, &page).await?))
}

/// `POST {scope: {type, value}, …}`.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewAccessRule>,
) -> Result<(StatusCode, Json<AccessRuleView>), ProblemResponse> {
    let rule = access_rules::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(rule)))
}

/// `GET /{id}`.
pub(super) async fn read(
    caller: Caller,
    PathId(id): PathId<AccessRuleId>,
) -> Result<Json<AccessRuleView>, ProblemResponse> {
    Ok(Json(access_rules::read(&caller.control, &caller.actor, &id).await?))
}

/// `PATCH /{id}`: what is left out stays.
pub(super) async fn change(
    caller: Caller,
    PathId(id): PathId<AccessRuleId>,
    Body(change): Body<AccessRuleChange>,
) -> Result<Json<AccessRuleView>, ProblemResponse> {
    Ok(Json(access_rules::change(&caller.control, &caller.actor, &id, change).await?))
}

/// `DELETE /{id}`: 204.
pub(super) async fn remove(
    caller: Caller,
    PathId(id): PathId<AccessRuleId>,
) -> Result<StatusCode, ProblemResponse> {
    access_rules::remove(&caller.control, &caller.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
