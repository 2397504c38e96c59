//! From a bearer of the SCIM server to a client, once for each request.

use super::Caller;
use crate::audit::Target;
use crate::sign_in::guess;
use crate::{Actor, Client, Control, Error};
use identity::secret::{hash_key_secret, matches};
use model::audit::AuditResult;
use model::key_token::{KeyToken, ManagementToken, ScimToken};
use model::user::UserStatus;
use serde_json::json;
use std::time::Duration;

const ACTION: &str = "scim_client.use";
/// How stale "last used" may be: one write in this time, not one for each request.
const USED_EVERY: Duration = Duration::from_mins(1);

/// Which client presented this bearer. Nothing but a SCIM client's token counts here, and such a token counts nowhere
/// else.
///
/// Wrong ones count as sign-in attempts of their network and are written down; keys of other doors are no guesses.
pub async fn authenticate(control: &Control, presented: &str, client: Client) -> Result<Caller, Error> {
    let token = ScimToken::parse(presented.as_bytes());
    if let Some(token) = &token
        && let Some(caller) = caller_of(control, token, &client).await?
    {
        return Ok(caller);
    }
    let bytes = presented.as_bytes();
    if KeyToken::parse(bytes).is_some() || ManagementToken::parse(bytes).is_some() {
        return Err(Error::Unauthenticated);
    }
    guess(control, &client, false).await?;
    // What was presented isn't kept, but for the public part of what has the form of a token.
    let id = token.as_ref().map_or("", |token| token.id.as_str());
    let target = Target { kind: "scim_client", id, name: "", tenant_id: None };
    let entry =
        control.entry_by("anonymous", "anonymous", &client, ACTION, &target, AuditResult::Failure, json!({}));
    control.record_refusal(entry).await?;
    Err(Error::Unauthenticated)
}

/// The client with this token; `None`: unknown, a wrong secret, revoked, or who made it can't act any more.
async fn caller_of(
    control: &Control,
    token: &ScimToken<'_>,
    client: &Client,
) -> Result<Option<Caller>, Error> {
    let now = control.now();
    let hash = hash_key_secret(token.expose_secret());
    let stored = control.store().scim_client(&token.id).await?;
    let stored = stored.filter(|stored| matches(&hash, &stored.hash) && stored.client.revoked_at.is_none());
    let Some(scim) = stored.map(|stored| stored.client) else { return Ok(None) };
    let creator = match &scim.creator_id {
        None => None,
        Some(id) => match control.store().standing(id).await? {
            Some(standing) if standing.user.status == UserStatus::Active => Some(standing.rights()),
            _ => return Ok(None),
        },
    };
    if scim.last_used_at.is_none_or(|at| now.since(at) >= USED_EVERY) {
        control.store().touch_scim_client(&scim.id, now).await?;
    }
    let actor = Actor::scim_client(scim.clone(), creator, client.clone());
    Ok(Some(Caller { actor, client: scim }))
}
