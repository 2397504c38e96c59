//! `/auth-keys`: issue, list, read, revoke.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Raw};
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use model::id::KeyId;
use model::key::{CreatedKey, KeyFilter, KeySort, KeyStatus, KeyView, NewKey, RevokedKey};
use model::page::Page;
use model::{FieldError, Problem};
use serde::Deserialize;

/// `GET ?q=&status=&owner_id=&tenant_id=&unused_days=&include_revoked=&sort=&cursor=&limit=`.
pub(super) async fn list(
    caller: Caller,
    mut parameters: Parameters,
) -> Result<Json<Page<KeyView>>, ProblemResponse> {
    let page = parameters.page();
    let sort = parameters.parse(
        "sort",
        "must be name, created_at or last_used_at, with - in front for descending",
        KeySort::parse,
    );
    let filter = KeyFilter {
        q: parameters.take("q"),
        status: parameters.parse("status", "must be active, expired or revoked", KeyStatus::parse),
        include_revoked: parameters
            .parse("include_revoked", "must be true or false", |text| text.parse().ok())
            .unwrap_or(false),
        owner_id: parameters.parse("owner_id", "must be a user id", |text| text.parse().ok()),
        tenant_id: parameters.parse("tenant_id", "must be a tenant's slug", |text| text.parse().ok()),
        unused_days: parameters.parse("unused_days", "must be a number of days", |text| text.parse().ok()),
    };
    parameters.finish()?;
    let sort = sort.unwrap_or_default();
    Ok(Json(control::keys::list(&caller.control, &caller.actor, &filter, sort, &page).await?))
}

/// `POST {name, …}`: the one answer that holds the secret.
pub(super) async fn create(
    caller: Caller,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Json<CreatedKey>), ProblemResponse> {
    let created = control::keys::create(&caller.control, &caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /{id}`: the record, without the secret.
pub(super) async fn read(
    caller: Caller,
    PathId(id): PathId<KeyId>,
) -> Result<Json<KeyView>, ProblemResponse> {
    Ok(Json(control::keys::read(&caller.control, &caller.actor, &id).await?.key))
}

/// What `DELETE` may carry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// `DELETE /{id}`: revokes, with a receipt of what was cut. The body is optional: `{"reason": "…"}`.
pub(super) async fn revoke(
    caller: Caller,
    PathId(id): PathId<KeyId>,
    Raw(body): Raw,
) -> Result<Json<RevokedKey>, ProblemResponse> {
    let reason = if body.is_empty() {
        "revoked by the Admin API".to_owned()
    } else {
        let parsed: Result<Reason, _> = serde_json::from_slice(&body);
        parsed
            .map_err(|_| {
                let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
                problem
                    .errors
                    .push(FieldError::new("reason", "must be the only field, and text; or send no body"));
                ProblemResponse(problem)
            })?
            .reason
    };
    Ok(Json(control::keys::revoke(&caller.control, &caller.actor, &id, &reason).await?))
}
