//! Issuing keys: by an operator for anybody, by a developer for themselves.

use super::{WRITE, own};
use crate::audit::Target;
use crate::{Actor, Control, Error};
use identity::end_user::prepare;
use identity::secret::hash_key_secret;
use model::audit::AuditResult;
use model::change::Change;
use model::error::FieldError;
use model::id::{KeyId, ProviderName, TenantId};
use model::identity::IdentityRules;
use model::key::{ApiKey, CreatedKey, KeyContext, KeyKind, KeyOwner, KeyState, KeyView, NewKey, Tags};
use model::key_token::{KeySecret, assemble};
use model::tenant::Tenant;
use model::user::{User, UserStatus};
use serde_json::json;

const ACTION: &str = "key.create";
/// Keys that somebody issues themselves, revoked ones aside.
const MOST_OWN: usize = 100;

/// Issues a key as an operator. Needs `keys:write` in its tenant.
pub async fn create(control: &Control, actor: &Actor, new: NewKey) -> Result<CreatedKey, Error> {
    let tenant_id = new.tenant_id.clone().unwrap_or_else(TenantId::default_tenant);
    let target = Target { kind: "key", id: "", name: &new.name, tenant_id: Some(&tenant_id) };
    if !actor.may_in(WRITE, &tenant_id) {
        // Whether there is such a tenant isn't told.
        return Err(control.refuse(actor, WRITE, ACTION, &target, Error::Forbidden(WRITE)).await);
    }
    let mut errors = new.check(control.now());
    let tenant = find_tenant(control, &tenant_id, &mut errors).await?;
    let owner = match &new.owner {
        Some(text) => find_owner(control, actor, text, &tenant_id, &mut errors).await?,
        None => None,
    };
    if !actor.may(WRITE) {
        own::check_identity(&mut errors, &IdentityRules::default(), &new.identity);
        own::check_path(&mut errors, None, new.user_path.as_ref());
    }
    check_providers(control, new.allowed_providers.as_deref(), &mut errors).await?;
    issue(control, actor, new, tenant, owner, None, errors).await
}

/// Issues a key to the signed-in user. Needs no permission; the fields that an operator sets are refused. What narrows a
/// key is everybody's to set, and so are the tags that the tenant leaves to its people.
pub async fn create_own(control: &Control, actor: &Actor, new: NewKey) -> Result<CreatedKey, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let mut errors = new.check(control.now());
    let operator_sets = |field: &'static str| FieldError::new(field, "is set by an operator; leave it out");
    if new.kind != KeyKind::Restricted {
        errors.push(FieldError::new("kind", "standard keys are issued by an operator; use restricted"));
    }
    if new.owner.is_some() {
        errors.push(operator_sets("owner"));
    }
    if new.user_path.is_some() {
        errors.push(operator_sets("user_path"));
    }
    let tenant_id = match &new.tenant_id {
        Some(id) => id.clone(),
        // The only tenant, or `default` among several.
        None => match &user.tenant_ids[..] {
            [only] => only.clone(),
            _ => TenantId::default_tenant(),
        },
    };
    if !user.tenant_ids.contains(&tenant_id) {
        errors.push(FieldError::new("tenant_id", "must be one of your tenants"));
        return Err(Error::Invalid(errors));
    }
    let tenant = find_tenant(control, &tenant_id, &mut errors).await?;
    if let Some(tenant) = &tenant {
        own::check_tags(&mut errors, tenant, &Tags::new(), &new.tags);
    }
    own::check_identity(&mut errors, &IdentityRules::default(), &new.identity);
    check_providers(control, new.allowed_providers.as_deref(), &mut errors).await?;
    issue(control, actor, new, tenant, Some(user.clone()), Some(MOST_OWN), errors).await
}

async fn find_tenant(
    control: &Control,
    id: &TenantId,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Tenant>, Error> {
    let tenant = control.store().tenant(id).await?;
    if tenant.is_none() {
        errors.push(FieldError::new("tenant_id", format!("there is no tenant {id}")));
    }
    Ok(tenant)
}

async fn find_owner(
    control: &Control,
    actor: &Actor,
    text: &str,
    tenant_id: &TenantId,
    errors: &mut Vec<FieldError>,
) -> Result<Option<User>, Error> {
    let user = match text.parse() {
        Ok(id) => control.store().user(&id).await?,
        Err(_) => control.store().user_by_email(text).await?,
    };
    // Who has no right beyond a tenant doesn't learn who is in others.
    let user = user.filter(|user| actor.may(WRITE) || user.tenant_ids.contains(tenant_id));
    match &user {
        None => errors.push(FieldError::new("owner", "there is no user with this id or e-mail address")),
        Some(user) if user.status == UserStatus::Inactive => {
            errors.push(FieldError::new("owner", "is Inactive; keys of inactive owners are refused"));
        }
        Some(user) if !user.tenant_ids.contains(tenant_id) => {
            errors.push(FieldError::new("owner", format!("is not a member of tenant {tenant_id}")));
        }
        Some(_) => {}
    }
    Ok(user)
}

/// Names of providers that aren't there are errors of `allowed_providers`.
pub(crate) async fn check_providers(
    control: &Control,
    names: Option<&[ProviderName]>,
    errors: &mut Vec<FieldError>,
) -> Result<(), Error> {
    let Some(names) = names else { return Ok(()) };
    if names.len() > NewKey::MAX_ENTRIES {
        return Ok(()); // An error already.
    }
    let known = control.store().provider_names(names).await?;
    for name in names.iter().filter(|name| !known.contains(name)) {
        errors.push(FieldError::new("allowed_providers", format!("there is no provider {name}")));
    }
    Ok(())
}

async fn issue(
    control: &Control,
    actor: &Actor,
    new: NewKey,
    tenant: Option<Tenant>,
    owner: Option<User>,
    most: Option<usize>,
    mut errors: Vec<FieldError>,
) -> Result<CreatedKey, Error> {
    let mut scope = new.scope();
    if errors.is_empty() {
        errors.extend(prepare(&mut scope.identity, "identity"));
    }
    let Some(tenant) = tenant.filter(|_| errors.is_empty()) else { return Err(Error::Invalid(errors)) };
    let id = KeyId::generate(|bytes| control.entropy().fill(bytes));
    let secret = KeySecret::generate(|bytes| control.entropy().fill(bytes));
    let now = control.now();
    let key = ApiKey {
        id,
        name: new.name,
        description: new.description.filter(|text| !text.is_empty()),
        kind: new.kind,
        environment: new.environment,
        tenant_id: tenant.id.clone(),
        owner: owner.as_ref().map_or(KeyOwner::Tenant, |user| KeyOwner::User(user.id.clone())),
        user_path: new.user_path,
        tags: new.tags,
        scope,
        expires_at: new.expires_at,
        created_at: now,
        creator_id: actor.user().map(|user| user.id.clone()),
        created_by: actor.label().to_owned(),
        state: KeyState::Active,
    };
    let mut tx = control.store().begin().await?;
    if let (Some(owner), Some(most)) = (&owner, most)
        && tx.unrevoked_keys_of(&owner.id, None).await?.len() >= most
    {
        return Err(Error::Conflict {
            code: "too_many_keys",
            detail: format!("You have {most} keys that aren't revoked. Revoke those that nothing uses.")
                .into(),
        });
    }
    if let Some(owner) = &owner {
        // Looked at again where nothing moves any more: who has just left the tenant gets no key there, and who was just
        // offboarded none at all.
        let works =
            |owner: User| owner.status == UserStatus::Active && owner.tenant_ids.contains(&key.tenant_id);
        if !tx.user(&owner.id).await?.is_some_and(works) {
            let message = format!("is not an Active member of tenant {}", key.tenant_id);
            return Err(Error::field("owner", message));
        }
    }
    tx.insert_key(&key, &hash_key_secret(secret.expose())).await.map_err(|error| match error {
        store::Error::Conflict { what: "standard_key" } => Error::Conflict {
            code: "standard_key_exists",
            detail: format!(
                "Tenant {} already has an active standard key for {}. Revoke it first, or issue a restricted key.",
                key.tenant_id,
                key.environment.as_str()
            )
            .into(),
        },
        other => other.into(),
    })?;
    if let Some(witness) = actor.answerable() {
        tx.note_shown(&id, witness).await?;
    }
    let token = assemble(key.kind, key.environment, key.id, &secret);
    let context = KeyContext {
        tenant_name: tenant.name,
        tenant_status: tenant.status,
        owner_name: owner.as_ref().map(|user| user.name.clone()),
        owner_email: owner.as_ref().map(|user| user.email.clone()),
        owner_status: owner.as_ref().map(|user| user.status),
        last_used_at: None,
    };
    let view = KeyView::new(key, context, now);
    let detail = json!({ "after": &view });
    let entry = control.entry(actor, ACTION, &super::target(&view), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Key { id }]).await?;
    Ok(CreatedKey { key: view, secret: token })
}
