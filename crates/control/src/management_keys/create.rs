//! Making a management key.

use super::{WRITE, target};
use crate::audit::Target;
use crate::{Actor, Control, Error};
use identity::secret::hash_key_secret;
use model::ManagementKeyId;
use model::audit::AuditResult;
use model::error::FieldError;
use model::key_token::{KeySecret, assemble_management};
use model::management_key::{CreatedManagementKey, ManagementKey, ManagementKeyView, NewManagementKey};
use model::role::PermissionSet;
use model::user::UserStatus;
use serde_json::json;

const ACTION: &str = "management_key.create";

/// Makes a management key. Needs `management_keys:write`, and every permission that is in it, where it is to act. A
/// management key makes none that outlives it.
pub async fn create(
    control: &Control,
    actor: &Actor,
    new: NewManagementKey,
) -> Result<CreatedManagementKey, Error> {
    let asked = Target { kind: "management_key", id: "", name: &new.name, tenant_id: new.tenant_id.as_ref() };
    control.authorise(actor, WRITE, ACTION, &asked).await?;
    let now = control.now();
    let mut errors = new.check(now);
    if let Some(end) = actor.presented_key().and_then(|key| key.expires_at)
        && new.expires_at.is_none_or(|asked| asked > end)
    {
        errors.push(FieldError::new("expires_at", format!("must be at most {end}, when your own key ends")));
    }
    if let Some(tenant) = &new.tenant_id
        && control.store().tenant(tenant).await?.is_none()
    {
        errors.push(FieldError::new("tenant_id", format!("there is no tenant {tenant}")));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    // What doesn't count in a tenant isn't in a key for one.
    let counting = new.tenant_id.as_ref().map_or(PermissionSet::ALL, |_| PermissionSet::IN_TENANTS);
    let permissions = new.permissions.and(counting);
    let held = actor.rights().at(new.tenant_id.as_ref());
    if let Some(lacked) = permissions.without(held).iter().next() {
        return Err(control.refuse(actor, lacked, ACTION, &asked, Error::Forbidden(lacked)).await);
    }
    let key = ManagementKey {
        id: ManagementKeyId::generate(|bytes| control.entropy().fill(bytes)),
        name: new.name,
        permissions,
        tenant_id: new.tenant_id,
        creator_id: actor.answerable().cloned(),
        created_by: actor.label().to_owned(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
        revoke_reason: None,
    };
    let secret = KeySecret::generate(|bytes| control.entropy().fill(bytes));
    let mut tx = control.store().begin().await?;
    if let Some(creator) = &key.creator_id {
        // Looked at again where nothing moves any more: who was just offboarded leaves no key behind.
        let creator = tx.user(creator).await?;
        if creator.is_none_or(|user| user.status == UserStatus::Inactive) {
            return Err(Error::Unauthenticated);
        }
    }
    tx.insert_management_key(&key, &hash_key_secret(secret.expose())).await?;
    let entry = control.entry(actor, ACTION, &target(&key), AuditResult::Success, json!({ "after": &key }));
    control.commit(tx, entry, Vec::new()).await?;
    let secret = assemble_management(&key.id, &secret);
    Ok(CreatedManagementKey { key: ManagementKeyView::new(key, now), secret })
}
