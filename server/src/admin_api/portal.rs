//! `/admin/api-keys` for programs: the small shape of `/auth-keys`, for portals that issue keys to their own customers.
//! The same operations, with `expiration` for `expires_at`, and a name that is made up when none is given.

use super::auth::Caller;
use super::auth_keys::{UNSAID, wanted};
use super::body::{Body, Optional, Reason, typed};
use super::idempotency;
use super::query::{Parameters, PathId};
use super::{ProblemResponse, unknown, wrong_method};
use crate::http::Http;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use model::id::KeyId;
use model::key::{CutReceipt, KeyChange, KeyStatus, KeyView, NewKey, Tags};
use model::{FieldError, Problem, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The routes; only requests with an `Authorization` header get here, so a session never counts.
pub(crate) fn router(http: Http) -> Router {
    Router::new()
        .route("/admin/api-keys", get(list).post(create))
        .route("/admin/api-keys/{id}", get(read).patch(change).delete(revoke))
        .route_layer(from_fn_with_state(http.clone(), idempotency::once))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(http)
}

/// A key in the small shape.
#[derive(Serialize)]
struct PortalKey {
    public_id: KeyId,
    name: String,
    description: Option<String>,
    tags: Tags,
    expiration: Option<Timestamp>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    status: KeyStatus,
}

impl From<KeyView> for PortalKey {
    fn from(key: KeyView) -> Self {
        Self {
            public_id: key.id,
            name: key.name,
            description: key.description,
            tags: key.tags,
            expiration: key.expires_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            status: key.status,
        }
    }
}

/// The answer to making one: the only one with the key itself.
#[derive(Serialize)]
struct PortalSecret {
    api_key: String,
    public_id: KeyId,
    tags: Tags,
    expiration: Option<Timestamp>,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct PortalList {
    items: Vec<PortalKey>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct PortalRevoked {
    key: PortalKey,
    receipt: CutReceipt,
}

type Fields = Map<String, Value>;

async fn create(
    caller: Caller,
    Body(mut fields): Body<Fields>,
) -> Result<(StatusCode, Json<PortalSecret>), ProblemResponse> {
    if !fields.contains_key("name") {
        let description = fields.get("description").and_then(Value::as_str).unwrap_or_default();
        fields.insert("name".to_owned(), name_for(description).into());
    }
    let new: NewKey = renamed(fields)?;
    let created = control::keys::create(&caller.control, &caller.actor, new).await;
    let created = created.map_err(in_small_words)?;
    let body = PortalSecret {
        api_key: created.secret,
        public_id: created.key.id,
        tags: created.key.tags,
        expiration: created.key.expires_at,
        created_at: created.key.created_at,
    };
    Ok((StatusCode::CREATED, Json(body)))
}

async fn list(caller: Caller, parameters: Parameters) -> Result<Json<PortalList>, ProblemResponse> {
    let (filter, sort, page) = wanted(parameters)?;
    let page = control::keys::list(&caller.control, &caller.actor, &filter, sort, &page).await?;
    let items = page.items.into_iter().map(PortalKey::from).collect();
    Ok(Json(PortalList { items, next_cursor: page.next_cursor }))
}

async fn read(caller: Caller, PathId(id): PathId<KeyId>) -> Result<Json<PortalKey>, ProblemResponse> {
    Ok(Json(control::keys::read(&caller.control, &caller.actor, &id).await?.key.into()))
}

async fn change(
    caller: Caller,
    PathId(id): PathId<KeyId>,
    Body(fields): Body<Fields>,
) -> Result<Json<PortalKey>, ProblemResponse> {
    let change: KeyChange = renamed(fields)?;
    let changed = control::keys::change(&caller.control, &caller.actor, &id, change).await;
    Ok(Json(changed.map_err(in_small_words)?.into()))
}

async fn revoke(
    caller: Caller,
    PathId(id): PathId<KeyId>,
    body: Optional<Reason>,
) -> Result<Json<PortalRevoked>, ProblemResponse> {
    let reason = body.reason().unwrap_or(UNSAID);
    let revoked = control::keys::revoke(&caller.control, &caller.actor, &id, reason).await?;
    Ok(Json(PortalRevoked { key: revoked.key.into(), receipt: revoked.receipt }))
}

/// The first line of the description, as far as a name may be long.
fn name_for(description: &str) -> String {
    let line = description.trim().lines().next().unwrap_or_default();
    let line: String = line.chars().filter(|c| !c.is_control()).take(NewKey::MAX_NAME).collect();
    match line.trim() {
        "" => "portal key".to_owned(),
        name => name.to_owned(),
    }
}

/// The body with `expiration` under the name that the operations know.
fn renamed<T: DeserializeOwned>(mut fields: Fields) -> Result<T, ProblemResponse> {
    if fields.contains_key("expires_at") {
        let mut problem = Problem::new(422, "validation_failed", "Some fields can't be taken");
        problem.errors.push(FieldError::new("expires_at", "is called `expiration` here"));
        return Err(ProblemResponse(problem));
    }
    if let Some(end) = fields.remove("expiration") {
        fields.insert("expires_at".to_owned(), end);
    }
    typed(Value::Object(fields)).map_err(with_expiration)
}

fn in_small_words(error: control::Error) -> ProblemResponse {
    with_expiration(ProblemResponse::from(error).0)
}

/// Errors name fields as the caller wrote them.
fn with_expiration(mut problem: Problem) -> ProblemResponse {
    for error in problem.errors.iter_mut().filter(|error| error.field == "expires_at") {
        error.field = "expiration".into();
    }
    ProblemResponse(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_a_name_is_called_by_its_description() {
        assert_eq!(name_for(" acme \n more "), "acme");
        assert_eq!(name_for("a\u{7}b"), "ab");
        for nothing in ["", " ", "\n", "\u{7}"] {
            assert_eq!(name_for(nothing), "portal key");
        }
        assert_eq!(name_for(&"ä".repeat(500)).chars().count(), NewKey::MAX_NAME);
    }
}
