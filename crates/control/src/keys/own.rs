//! What a key's owner may set without being an operator.

use crate::Actor;
use model::FieldError;
use model::id::UserPath;
use model::identity::IdentityRules;
use model::key::{ApiKey, Tags};
use model::tenant::Tenant;

/// Tags say whom usage is billed to, so they are an operator's, but for the names that the tenant leaves to its people.
pub(super) fn check_tags(errors: &mut Vec<FieldError>, tenant: &Tenant, before: &Tags, after: &Tags) {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in names {
        if before.get(name) != after.get(name) && !tenant.self_service_tags.contains(name) {
            errors.push(FieldError::new(format!("tags.{name}"), "is set by an operator; leave it as it is"));
        }
    }
}

/// Which addresses the gateway itself may call inside is the installation's operator's to say, not a tenant's.
pub(super) fn check_identity(errors: &mut Vec<FieldError>, before: &IdentityRules, after: &IdentityRules) {
    let inside = |rules: &IdentityRules| rules.jwt.as_ref().is_some_and(|jwt| jwt.allow_private_addresses);
    // Where that was allowed, it was for the address that was there.
    let address = |rules: &IdentityRules| rules.jwt.as_ref().and_then(|jwt| jwt.jwks_url.clone());
    if inside(after) && !(inside(before) && address(before) == address(after)) {
        errors.push(FieldError::new(
            "identity.jwt.allow_private_addresses",
            "is set by an operator; leave it out",
        ));
    }
}

/// User paths belong to no tenant: rules about them, and limits that they share, reach keys of others. So they are for who
/// may write keys everywhere.
pub(super) fn check_path(errors: &mut Vec<FieldError>, before: Option<&UserPath>, after: Option<&UserPath>) {
    if before != after {
        errors.push(FieldError::new(
            "user_path",
            "is set by an operator of the whole installation; leave it as it is",
        ));
    }
}

/// An owner changes what [`super::create_own`] lets them set. The bounds of a key that somebody else issued to them are
/// not theirs to widen: of such a key they change the name, the description and their tags.
pub(super) fn check_change(
    errors: &mut Vec<FieldError>,
    actor: &Actor,
    tenant: &Tenant,
    before: &ApiKey,
    after: &ApiKey,
) {
    check_tags(errors, tenant, &before.tags, &after.tags);
    check_identity(errors, &before.scope.identity, &after.scope.identity);
    let mut operators = |field, changed: bool| {
        if changed {
            errors.push(FieldError::new(field, "is set by an operator; leave it out"));
        }
    };
    operators("user_path", before.user_path != after.user_path);
    if before.creator_id.is_some() && before.creator_id.as_ref() == actor.user().map(|user| &user.id) {
        return;
    }
    let (old, new) = (&before.scope, &after.scope);
    operators("allowed_actions", old.allowed_actions != new.allowed_actions);
    operators("allowed_models", old.allowed_models != new.allowed_models);
    operators("denied_models", old.denied_models != new.denied_models);
    operators("allowed_model_labels", old.allowed_model_labels != new.allowed_model_labels);
    operators("allowed_providers", old.allowed_providers != new.allowed_providers);
    operators("allowed_ips", old.allowed_ips != new.allowed_ips);
    operators("rate_limits", old.rate_limits != new.rate_limits);
    operators("identity", old.identity != new.identity);
    operators("require_conversation_id", old.require_conversation_id != new.require_conversation_id);
    operators("expires_at", before.expires_at != after.expires_at);
}
