//! Which accounts somebody sees and may write. An account can belong to several tenants, so a right that is held for a
//! tenant reaches it only in part (docs/adr/0012).

use super::{READ, WRITE};
use crate::audit::Target;
use crate::roles::lacking;
use crate::{Actor, Control, Error};
use model::id::UserId;
use model::role::{Permission, Reach, RoleName};
use model::user::User;
use store::Tx;

pub(crate) fn target(user: &User) -> Target<'_> {
    Target { kind: "user", id: user.id.as_str(), name: &user.email, tenant_id: None }
}

/// Whether `actor` sees the account: they hold `users:read`, or what they want to do with it, in one of its tenants.
pub(crate) fn is_seen(actor: &Actor, permission: Permission, user: &User) -> bool {
    [READ, permission].iter().any(|held| user.is_within(&actor.reach(*held)))
}

/// The account, read in `tx`, if `actor` may do with all of it what `permission` says; otherwise `tx` is gone and the
/// attempt written down. A `super_admin` is another one's to touch.
///
/// A right for tenants is enough for an account that has no role of the installation's and belongs to those tenants
/// only: what is done to it can be felt nowhere else.
pub(crate) async fn authorise(
    control: &Control,
    mut tx: Tx,
    actor: &Actor,
    permission: Permission,
    id: &UserId,
    action: &'static str,
) -> Result<(Tx, User), Error> {
    let user = tx.user(id).await?;
    let permitted =
        actor.may(permission) || user.as_ref().is_some_and(|user| reaches(actor, permission, user));
    match user {
        Some(user) if permitted && actor.is_outranked_by(&user) => {
            drop(tx);
            Err(control.refuse(actor, permission, action, &target(&user), Error::Outranked).await)
        }
        _ if permitted => user.map(|user| (tx, user)).ok_or(Error::NotFound),
        _ => {
            drop(tx);
            Err(refuse_unseen(control, actor, permission, id, user.as_ref(), action).await)
        }
    }
}

/// Writes a denied attempt at an account down and gives its error. Who sees the account learns what is missing; others
/// get what an unknown id gets, and who can see no account at all is told so whatever the id.
pub(crate) async fn refuse_unseen(
    control: &Control,
    actor: &Actor,
    permission: Permission,
    id: &UserId,
    user: Option<&User>,
    action: &'static str,
) -> Error {
    let somewhere = [permission, READ].iter().any(|held| actor.reach(*held) != Reach::Nowhere);
    let seen = actor.may(READ) || user.is_some_and(|user| is_seen(actor, permission, user));
    let error = if somewhere && !seen { Error::NotFound } else { Error::Forbidden(permission) };
    let unknown = Target { kind: "user", id: id.as_str(), name: "", tenant_id: None };
    control.refuse(actor, permission, action, &user.map_or(unknown, target), error).await
}

/// Whether [`authorise`] would let `actor` write to the account.
pub(crate) fn may_write(actor: &Actor, user: &User) -> bool {
    reaches(actor, WRITE, user) && !actor.is_outranked_by(user)
}

fn reaches(actor: &Actor, permission: Permission, user: &User) -> bool {
    actor.may(permission) || is_contained(user, &actor.reach(permission))
}

/// Whether nothing of the account is beyond `reach`.
fn is_contained(user: &User, reach: &Reach) -> bool {
    !user.tenant_ids.is_empty()
        && user.role == RoleName::default()
        && user.tenant_ids.iter().all(|tenant| reach.covers(tenant))
}

/// Refuses, and writes down that it did, to hand the account's ways in to `actor` (a password, a link, an address that
/// links are sent to) unless they could have given it all of its roles: whoever can sign in as somebody has their
/// rights. When it refuses, `tx` is gone.
pub(crate) async fn authorise_takeover(
    control: &Control,
    mut tx: Tx,
    actor: &Actor,
    user: &User,
    action: &'static str,
) -> Result<Tx, Error> {
    match lacking_to_take_over(&mut tx, actor, user).await? {
        None => Ok(tx),
        Some(permission) => {
            drop(tx);
            let error = Error::Forbidden(permission);
            Err(control.refuse(actor, permission, action, &target(user), error).await)
        }
    }
}

/// What `actor` lacks to be handed the account's ways in.
pub(crate) async fn lacking_to_take_over(
    tx: &mut Tx,
    actor: &Actor,
    user: &User,
) -> Result<Option<Permission>, Error> {
    if actor.is(&user.id) {
        return Ok(None);
    }
    let everywhere = [(None, &user.role)].into_iter();
    let in_tenants = user.assignments.iter().map(|held| (held.tenant_id.as_ref(), &held.role));
    for (scope, name) in everywhere.chain(in_tenants) {
        // The name of a role that is gone gives nothing.
        let Some(role) = tx.role(name).await? else { continue };
        if role.permissions.is_empty() {
            continue;
        }
        if let Some(permission) = lacking(actor, &role, scope, Some(&user.id)) {
            return Ok(Some(permission));
        }
    }
    Ok(None)
}
