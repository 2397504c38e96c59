//! Making a local account.

use super::WRITE;
use crate::audit::Target;
use crate::roles::{self, lacking};
use crate::{Actor, Control, Error, new_password};
use identity::password::Password;
use model::audit::AuditResult;
use model::change::Change;
use model::id::{TenantId, UserId};
use model::role::RoleName;
use model::user::{NewUser, User, UserSource, UserStatus};
use serde_json::json;

/// Makes a local account, a member of `default`. Needs `users:write`; a role other than `user` needs what giving it needs
/// ([`crate::roles`]). Without a password the account can't sign in yet.
pub async fn create(
    control: &Control,
    actor: &Actor,
    new: NewUser,
    password: Option<Password>,
) -> Result<User, Error> {
    let target = Target { kind: "user", id: "", name: &new.email, tenant_id: None };
    control.authorise(actor, WRITE, "user.create", &target).await?;
    let mut errors = new.check();
    if let Some(password) = &password {
        errors.extend(new_password::check(control, password, &new).await?);
    }
    let role = control.store().role(&new.role).await?;
    if role.is_none() {
        errors.push(roles::unknown());
    }
    // The lowest role is everybody's from the first; whoever makes accounts gives it.
    let role = role.filter(|role| role.name != RoleName::default());
    if let Some(lacked) = role.and_then(|role| lacking(actor, &role, None, None)) {
        return Err(control.refuse(actor, lacked, "user.create", &target, Error::Forbidden(lacked)).await);
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let hash = match password {
        Some(password) => Some(control.0.hasher.hash(password).await?),
        None => None,
    };
    let user = new_local_user(control, new);
    let mut tx = control.store().begin().await?;
    insert(&mut tx, &user, hash.as_deref()).await?;
    let target = Target { kind: "user", id: user.id.as_str(), name: &user.email, tenant_id: None };
    let detail = json!({ "after": &user });
    let entry = control.entry(actor, "user.create", &target, AuditResult::Success, detail);
    let change = Change::User { id: user.id.clone(), inactive: false };
    control.commit(tx, entry, vec![change]).await?;
    Ok(user)
}

pub(crate) fn new_local_user(control: &Control, new: NewUser) -> User {
    User {
        id: UserId::generate(|bytes| control.entropy().fill(bytes)),
        name: new.name,
        email: new.email,
        role: new.role,
        organization_unit: new.organization_unit,
        status: UserStatus::Active,
        source: UserSource::Local,
        second_factor: false,
        created_at: control.now(),
        last_sign_in_at: None,
        tenant_ids: vec![TenantId::default_tenant()],
        assignments: Vec::new(),
    }
}

/// Writes the account and its memberships; a taken e-mail address is an error on that field.
pub(crate) async fn insert(
    tx: &mut store::Tx,
    user: &User,
    password_hash: Option<&str>,
) -> Result<(), Error> {
    // Looked at again where nothing moves any more: another role of that name must not find somebody who has it.
    if tx.role(&user.role).await?.is_none() {
        return Err(Error::Invalid(vec![roles::unknown()]));
    }
    tx.insert_user(user, password_hash).await.map_err(|error| match error {
        store::Error::Conflict { what: "email" } => Error::field("email", "is taken by another account"),
        other => other.into(),
    })
}
