//! From a bearer of the Admin API to an actor, once for each request.

use crate::audit::Target;
use crate::sign_in::guess;
use crate::{Actor, Client, Control, Error};
use identity::secret::{hash_key_secret, matches};
use model::audit::AuditResult;
use model::key::KeyStatus;
use model::key_token::{KeyToken, ManagementToken};
use model::management_key::ManagementKey;
use model::user::UserStatus;
use serde_json::json;
use std::time::Duration;

const ACTION: &str = "management_key.use";
/// How stale "last used" may be: one write in this time, not one for each request.
const USED_EVERY: Duration = Duration::from_mins(1);

/// Who presented this bearer: a management key, or the master key, which the edge knows.
///
/// Wrong ones count as sign-in attempts of their network and are written down; once it is locked, the master key isn't
/// looked at either. A whole management key still is: it can't be guessed, and its holder must not be locked out by a
/// neighbour. An API key at the wrong door is no guess.
pub async fn actor_of_bearer(
    control: &Control,
    presented: &str,
    is_master_key: impl FnOnce(&str) -> bool,
    client: Client,
) -> Result<Actor, Error> {
    let token = ManagementToken::parse(presented.as_bytes());
    if let Some(token) = &token
        && let Some(actor) = actor_of(control, token, &client).await?
    {
        return Ok(actor);
    }
    let right = is_master_key(presented);
    if !right && KeyToken::parse(presented.as_bytes()).is_some() {
        return Err(Error::Unauthenticated);
    }
    guess(control, &client, right).await?;
    if right {
        return Ok(Actor::master_key(client));
    }
    // What was presented isn't kept, but for the public part of what has the form of a management key.
    let id = token.as_ref().map_or("", |token| token.id.as_str());
    let target = Target { kind: "management_key", id, name: "", tenant_id: None };
    let entry =
        control.entry_by("anonymous", "anonymous", &client, ACTION, &target, AuditResult::Failure, json!({}));
    control.record_refusal(entry).await?;
    Err(Error::Unauthenticated)
}

/// The actor behind a management key; `None`: unknown, a wrong secret, revoked, expired, or its creator can't act any
/// more.
async fn actor_of(
    control: &Control,
    token: &ManagementToken<'_>,
    client: &Client,
) -> Result<Option<Actor>, Error> {
    let now = control.now();
    let hash = hash_key_secret(token.expose_secret());
    let stored = control.store().management_key(&token.id).await?;
    let Some(key) = stored.filter(|stored| matches(&hash, &stored.hash)).map(|stored| stored.key) else {
        return Ok(None);
    };
    let actor = actor_with(control, key.clone(), client).await?;
    if actor.is_some() && key.last_used_at.is_none_or(|at| now.since(at) >= USED_EVERY) {
        control.store().touch_management_key(&key.id, now).await?;
    }
    Ok(actor)
}

/// The actor with this management key; `None`: it is revoked or expired, or its creator can't act any more.
pub(crate) async fn actor_with(
    control: &Control,
    key: ManagementKey,
    client: &Client,
) -> Result<Option<Actor>, Error> {
    if key.status_at(control.now()) != KeyStatus::Active {
        return Ok(None);
    }
    let standing = match &key.creator_id {
        None => None,
        Some(id) => match control.store().standing(id).await? {
            Some(standing) if standing.user.status == UserStatus::Active => Some(standing),
            _ => return Ok(None),
        },
    };
    let creator = standing.as_ref().map(|standing| (&standing.user, standing.rights()));
    Ok(Some(Actor::management_key(key, creator, client.clone())))
}
