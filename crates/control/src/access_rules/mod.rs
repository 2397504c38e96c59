//! Operations on access rules: what a tenant, a user or everything below a user path may call.

mod change;
mod create;
mod list;
mod read;
mod remove;

pub use change::change;
pub use create::create;
pub use list::list;
pub use read::read;
pub use remove::remove;

use crate::audit::Target;
use crate::keys::check_providers;
use crate::{Actor, Control, Error};
use model::access::{AccessRule, AccessScope, NewAccessRule};
use model::id::TenantId;
use model::role::{Action, Permission, Resource};
use model::{AccessRuleId, FieldError};

const READ: Permission = Permission::new(Resource::AccessRules, Action::Read);
const WRITE: Permission = Permission::new(Resource::AccessRules, Action::Write);

fn target(rule: &AccessRule) -> Target<'_> {
    target_of(rule.id.as_str(), &rule.scope)
}

/// A rule has no name; the log names whom it is about.
fn target_of<'a>(id: &'a str, scope: &'a AccessScope) -> Target<'a> {
    Target { kind: "access_rule", id, name: scope.value(), tenant_id: tenant_of(scope) }
}

fn tenant_of(scope: &AccessScope) -> Option<&TenantId> {
    match scope {
        AccessScope::Tenant(id) => Some(id),
        AccessScope::User(_) | AccessScope::UserPath(_) => None,
    }
}

/// Writes down that a rule wasn't touched which was set from above.
async fn refuse_locked(control: &Control, actor: &Actor, rule: &AccessRule, action: &'static str) -> Error {
    control.refuse(actor, WRITE, action, &target(rule), Error::SetFromAbove(WRITE)).await
}

/// Whether `actor` may write a rule with this scope.
fn writes(actor: &Actor, scope: &AccessScope) -> bool {
    actor.may(WRITE) || tenant_of(scope).is_some_and(|tenant| actor.may_in(WRITE, tenant))
}

/// Refuses, and writes down that it did, unless `actor` may write a rule with this scope: everywhere, or in the tenant
/// that it is about. Whether there is such a tenant isn't told.
async fn authorise_scope(
    control: &Control,
    actor: &Actor,
    scope: &AccessScope,
    action: &'static str,
    id: &str,
) -> Result<(), Error> {
    if writes(actor, scope) {
        return Ok(());
    }
    Err(control.refuse(actor, WRITE, action, &target_of(id, scope), Error::Forbidden(WRITE)).await)
}

/// The same for a rule that is there, or not: beyond one's reach is the same.
async fn authorise(
    control: &Control,
    actor: &Actor,
    id: &AccessRuleId,
    action: &'static str,
) -> Result<(), Error> {
    let rule = control.store().access_rule(id).await?;
    let tenant = rule.as_ref().and_then(|view| tenant_of(&view.rule.scope));
    let target = Target { kind: "access_rule", id: id.as_str(), name: "", tenant_id: tenant };
    control.authorise_in(actor, WRITE, READ, tenant, action, &target).await
}

/// What is wrong with a rule's fields, the names in it included. A path needs no key to be there yet, and a pattern no
/// model: rules come first.
async fn check(control: &Control, new: &NewAccessRule) -> Result<(), Error> {
    let mut errors = new.check();
    let found = match &new.scope {
        AccessScope::Tenant(id) => control.store().tenant(id).await?.is_some(),
        AccessScope::User(id) => control.store().user(id).await?.is_some(),
        AccessScope::UserPath(_) => true,
    };
    if !found {
        let message = format!("there is no {} {}", new.scope.kind(), new.scope.value());
        errors.push(FieldError::new("scope.value", message));
    }
    check_providers(control, new.allowed_providers.as_deref(), &mut errors).await?;
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}
