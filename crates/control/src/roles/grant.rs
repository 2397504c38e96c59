//! The rule of giving: nobody gives a permission that they lack.

use super::ASSIGN;
use crate::Actor;
use model::role::{BuiltInRole, Permission, PermissionSet, Role};
use model::{TenantId, UserId};

/// What `actor` lacks to give this role in this scope (`None`: everywhere) to this account (`None`: a new one); `None`:
/// nothing. It takes `roles:assign` and every permission of the role, both in that scope.
///
/// `super_admin` is given by a `super_admin`. A `user_admin` gives any built-in role but `super_admin`, to others: onboarding people is what they are for, and to
/// themselves it would be a way up.
pub(crate) fn lacking(
    actor: &Actor,
    role: &Role,
    scope: Option<&TenantId>,
    to: Option<&UserId>,
) -> Option<Permission> {
    let held = actor.rights().at(scope);
    if !held.contains(ASSIGN) {
        return Some(ASSIGN);
    }
    let may_onboard =
        actor.user().is_some_and(|user| user.role == BuiltInRole::UserAdmin && to != Some(&user.id));
    if may_onboard && role.built_in && role.name != BuiltInRole::SuperAdmin {
        return None;
    }
    // What doesn't count in a tenant isn't given there.
    let given = scope.map_or(role.permissions, |_| role.permissions.and(PermissionSet::IN_TENANTS));
    // Everywhere it is a rank, too, which holding all permissions isn't.
    let rank = scope.is_none() && role.name == BuiltInRole::SuperAdmin && !actor.is_super_admin();
    given.without(held).iter().next().or(rank.then_some(ASSIGN))
}
