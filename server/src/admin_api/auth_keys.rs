//! `/auth-keys`: issue, list, read, change, rotate, revoke.

use super::ProblemResponse;
use super::auth::Caller;
use super::body::{Body, Optional, Reason};
use super::query::{Parameters, PathId};
use axum::Json;
use axum::http::StatusCode;
use model::id::KeyId;
use model::key::{
    CreatedKey, Environment, KeyChange, KeyFilter, KeyKind, KeySort, KeyStats, KeyStatus, KeyTag, KeyView,
    NewKey, RevokedKey, RotateKey, RotatedKey,
};
use model::page::{Page, PageRequest};

/// The reason of a revocation that gives none.
pub(super) const UNSAID: &str = "revoked by the Admin API";

/// `GET ?q=&status=&owner_id=&owner_inactive=&tenant_id=&kind=&environment=&tag=&unused_days=&expiring_days=
/// &include_revoked=&sort=&cursor=&limit=`.
pub(super) async fn list(
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Page<KeyView>>, ProblemResponse> {
    let (filter, sort, page) = wanted(parameters)?;
    Ok(Json(control::keys::list(&caller.control, &caller.actor, &filter, sort, &page).await?))
}

/// Which keys a list shows.
pub(super) fn wanted(
    mut parameters: Parameters,
) -> Result<(KeyFilter, KeySort, PageRequest), ProblemResponse> {
    let page = parameters.page();
    let sort = parameters.parse(
        "sort",
        "must be name, created_at, last_used_at or expires_at, with - in front for descending",
        KeySort::parse,
    );
    let mut flag =
        |name| parameters.parse(name, "must be true or false", |text| text.parse().ok()).unwrap_or(false);
    let (include_revoked, owner_inactive) = (flag("include_revoked"), flag("owner_inactive"));
    let filter = KeyFilter {
        q: parameters.take("q"),
        status: parameters.parse("status", "must be active, expired or revoked", KeyStatus::parse),
        include_revoked,
        owner_inactive,
        owner_id: parameters.parse("owner_id", "must be a user id", |text| text.parse().ok()),
        tenant_id: parameters.parse("tenant_id", "must be a tenant's slug", |text| text.parse().ok()),
        unused_days: parameters.parse("unused_days", "must be a number of days", |text| text.parse().ok()),
        expiring_days: parameters
            .parse("expiring_days", "must be a number of days", |text| text.parse().ok()),
        kind: parameters.parse("kind", "must be standard or restricted", KeyKind::parse),
        environment: parameters.parse("environment", "must be sandbox or production", Environment::parse),
        tag: parameters.parse("tag", "must be a tag's name, = and its value", KeyTag::parse),
    };
    parameters.finish()?;
    Ok((filter, sort.unwrap_or_default(), page))
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

/// `PATCH /{id} {name, …}`: the record as it is now. What is left out stays, `null` takes away.
pub(super) async fn change(
    caller: Caller,
    PathId(id): PathId<KeyId>,
    Body(change): Body<KeyChange>,
) -> Result<Json<KeyView>, ProblemResponse> {
    Ok(Json(control::keys::change(&caller.control, &caller.actor, &id, change).await?))
}

/// `POST /{id}/rotate {grace}`: the record with its new secret, once.
pub(super) async fn rotate(
    caller: Caller,
    PathId(id): PathId<KeyId>,
    Optional(rotate): Optional<RotateKey>,
) -> Result<Json<RotatedKey>, ProblemResponse> {
    let rotate = rotate.unwrap_or_default();
    Ok(Json(control::keys::rotate(&caller.control, &caller.actor, &id, rotate).await?))
}

/// `GET /{id}/stats`: its usage in figures.
pub(super) async fn stats(
    caller: Caller,
    PathId(id): PathId<KeyId>,
) -> Result<Json<KeyStats>, ProblemResponse> {
    Ok(Json(control::keys::stats(&caller.control, &caller.actor, &id).await?))
}

/// `DELETE /{id}`, `POST /{id}/revoke` and `/{id}/deactivate`: revokes, with a receipt of what was cut.
pub(super) async fn revoke(
    caller: Caller,
    PathId(id): PathId<KeyId>,
    body: Optional<Reason>,
) -> Result<Json<RevokedKey>, ProblemResponse> {
    let reason = body.reason().unwrap_or(UNSAID);
    Ok(Json(control::keys::revoke(&caller.control, &caller.actor, &id, reason).await?))
}
