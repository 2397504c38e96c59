//! Making a local account.

use super::WRITE;
use crate::audit::Target;
use crate::{Actor, Control, Error};
use identity::password::Password;
use model::Timestamp;
use model::audit::AuditResult;
use model::change::Change;
use model::id::{TenantId, UserId};
use model::role::{Action, BuiltInRole, Permission, Resource};
use model::user::{NewUser, User, UserSource, UserStatus, check_password};
use serde_json::json;

const ASSIGN: Permission = Permission::new(Resource::Roles, Action::Assign);

/// Makes a local account, a member of `default`. Needs `users:write`; a role other than `user` needs `roles:assign`,
/// and `super_admin` somebody who is one: nobody grants what they lack. Without a password the account can't sign in yet.
pub async fn create(
    control: &Control,
    actor: &Actor,
    new: NewUser,
    password: Option<Password>,
) -> Result<User, Error> {
    let target = Target { kind: "user", id: "", name: &new.email, tenant_id: None };
    control.authorise(actor, WRITE, "user.create", &target).await?;
    if new.role != BuiltInRole::User {
        control.authorise(actor, ASSIGN, "user.create", &target).await?;
    }
    if new.role == BuiltInRole::SuperAdmin
        && actor.user().is_some_and(|user| user.role != BuiltInRole::SuperAdmin)
    {
        control.record_denial(actor, ASSIGN, "user.create", &target).await?;
        return Err(Error::field("role", "only a super_admin makes a super_admin"));
    }
    let mut errors = new.check();
    errors.extend(password.as_ref().and_then(|password| check_password(password.expose())));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let hash = match password {
        Some(password) => Some(control.0.hasher.hash(password).await?),
        None => None,
    };
    let user = new_local_user(control, new);
    let mut tx = control.store().begin().await?;
    insert(&mut tx, &user, hash.as_deref(), control.now()).await?;
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
        created_at: control.now(),
        last_sign_in_at: None,
        tenant_ids: vec![TenantId::default_tenant()],
    }
}

/// Writes the account and its memberships; a taken e-mail address is an error on that field.
pub(crate) async fn insert(
    tx: &mut store::Tx,
    user: &User,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<(), Error> {
    tx.insert_user(user, password_hash).await.map_err(|error| match error {
        store::Error::Conflict { what: "email" } => Error::field("email", "is taken by another account"),
        other => other.into(),
    })?;
    for tenant_id in &user.tenant_ids {
        tx.add_member(&user.id, tenant_id, now).await?;
    }
    Ok(())
}
