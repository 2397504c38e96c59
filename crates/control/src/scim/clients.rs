//! SCIM clients, as administrators see them: making one, looking at them, taking a token back.

use super::{READ, WRITE};
use crate::audit::Target;
use crate::{Actor, Control, Error, reason, users};
use identity::secret::hash_key_secret;
use model::ScimClientId;
use model::audit::AuditResult;
use model::key_token::{KeySecret, assemble_scim};
use model::page::{Page, PageRequest};
use model::scim::{CreatedScimClient, NewScimClient, ScimClient, ScimClientFilter};
use model::user::UserStatus;
use serde_json::json;

const CREATE: &str = "scim_client.create";
const REVOKE: &str = "scim_client.revoke";

fn target(client: &ScimClient) -> Target<'_> {
    Target { kind: "scim_client", id: client.id.as_str(), name: &client.name, tenant_id: None }
}

/// The SCIM clients, newest first. Needs `sso:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &ScimClientFilter,
    page: &PageRequest,
) -> Result<Page<ScimClient>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().list_scim_clients(filter, page).await?)
}

/// One SCIM client. Needs `sso:read`.
pub async fn read(control: &Control, actor: &Actor, id: &ScimClientId) -> Result<ScimClient, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().scim_client(id).await?.ok_or(Error::NotFound)?.client)
}

/// Makes a SCIM client. Needs `sso:write`, and `users:write`, which is what its token gives.
pub async fn create(
    control: &Control,
    actor: &Actor,
    new: NewScimClient,
) -> Result<CreatedScimClient, Error> {
    let asked = Target { kind: "scim_client", id: "", name: &new.name, tenant_id: None };
    control.authorise(actor, WRITE, CREATE, &asked).await?;
    control.authorise(actor, users::WRITE, CREATE, &asked).await?;
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let client = ScimClient {
        id: ScimClientId::generate(|bytes| control.entropy().fill(bytes)),
        name: new.name,
        adopt_existing: new.adopt_existing,
        creator_id: actor.answerable().cloned(),
        created_by: actor.label().to_owned(),
        created_at: control.now(),
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
        revoke_reason: None,
    };
    let secret = KeySecret::generate(|bytes| control.entropy().fill(bytes));
    let mut tx = control.store().begin().await?;
    if let Some(creator) = &client.creator_id {
        // Looked at again where nothing moves any more: who was just offboarded leaves no client behind.
        let creator = tx.user(creator).await?;
        if creator.is_none_or(|user| user.status == UserStatus::Inactive) {
            return Err(Error::Unauthenticated);
        }
    }
    tx.insert_scim_client(&client, &hash_key_secret(secret.expose())).await?;
    let detail = json!({ "after": &client });
    let entry = control.entry(actor, CREATE, &target(&client), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    let secret = assemble_scim(&client.id, &secret);
    Ok(CreatedScimClient { client, secret })
}

/// Revokes a SCIM client's token for good. Needs `sso:write`. What it provisioned stays; another client that adopts
/// existing accounts can take it over. Revoking a revoked one changes nothing.
pub async fn revoke(
    control: &Control,
    actor: &Actor,
    id: &ScimClientId,
    reason: Option<&str>,
) -> Result<ScimClient, Error> {
    let asked = Target { kind: "scim_client", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(actor, WRITE, REVOKE, &asked).await?;
    let reason = reason::if_given(reason)?;
    let now = control.now();
    let mut tx = control.store().begin().await?;
    let before = tx.scim_client(id).await?.ok_or(Error::NotFound)?;
    if !tx.revoke_scim_client(id, now, actor.label(), reason.unwrap_or("revoked")).await? {
        return Ok(before);
    }
    let after = tx.scim_client(id).await?.ok_or(Error::NotFound)?;
    let detail =
        json!({ "reason": reason, "before": { "revoked_at": null }, "after": { "revoked_at": now } });
    let entry = control.entry(actor, REVOKE, &target(&after), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(after)
}
