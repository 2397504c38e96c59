//! Somebody's identities: looking at them, taking one away, and what the provider said last.

use super::READ;
use crate::users::{authorise, target};
use crate::{Actor, Control, Error, users};
use model::audit::AuditResult;
use model::role::{Action, Permission, Resource};
use model::sso::{Identity, ReceivedClaims};
use model::{IdentityId, UserId};
use serde_json::json;

const UNLINK: &str = "identity.unlink";
const WRITE_USERS: Permission = Permission::new(Resource::Users, Action::Write);

/// The identities of an account, the oldest first. Needs `users:read` in one of its tenants; one's own need nothing.
pub async fn identities(control: &Control, actor: &Actor, id: &UserId) -> Result<Vec<Identity>, Error> {
    if !actor.is(id) {
        let reach = actor.reach_or_refuse(users::READ)?;
        control.store().user(id).await?.filter(|user| user.is_within(&reach)).ok_or(Error::NotFound)?;
    }
    Ok(control.store().identities_of(id).await?)
}

/// What the provider said of somebody at their last sign-in with each identity. Needs `sso:read` and `users:read`
/// everywhere: claims say more about people than accounts do.
pub async fn received_claims(
    control: &Control,
    actor: &Actor,
    id: &UserId,
) -> Result<Vec<ReceivedClaims>, Error> {
    if let Some(lacked) = [READ, users::READ].into_iter().find(|needed| !actor.may(*needed)) {
        return Err(Error::Forbidden(lacked));
    }
    control.store().user(id).await?.ok_or(Error::NotFound)?;
    let mut all = Vec::new();
    for identity in control.store().identities_of(id).await? {
        let claims = control.store().claims_of(&identity.id).await?;
        all.extend(claims.map(|claims| ReceivedClaims { identity, claims }));
    }
    Ok(all)
}

/// Takes an identity from its account and ends the sessions that the account began with that provider. Needs
/// `users:write`; for a `super_admin`, to be one too. Whoever signs in with it next comes for the first time.
pub async fn unlink(control: &Control, actor: &Actor, user: &UserId, id: &IdentityId) -> Result<(), Error> {
    let tx = control.store().begin().await?;
    let (mut tx, user) = authorise(control, tx, actor, WRITE_USERS, user, UNLINK).await?;
    let identity = tx.identities_of(&user.id).await?.into_iter().find(|identity| identity.id == *id);
    let identity = identity.ok_or(Error::NotFound)?;
    tx.delete_identity(&user.id, id).await?;
    let mut sessions_ended = 0;
    if let Some(name) = &identity.provider
        && let Some(stored) = tx.identity_provider(name).await?
    {
        sessions_ended = tx.delete_sessions_of_provider(&stored.provider.id, Some(&user.id)).await?;
    }
    let detail = json!({ "before": &identity, "sessions_ended": sessions_ended });
    let entry = control.entry(actor, UNLINK, &target(&user), AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(())
}
