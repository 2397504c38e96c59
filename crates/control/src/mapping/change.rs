//! Changing the mapping.

use super::WRITE;
use crate::audit::Target;
use crate::roles::lacking;
use crate::{Actor, Control, Error};
use model::FieldError;
use model::audit::AuditResult;
use model::mapping::{Decision, Otherwise, Outcome, RoleMapping};
use model::role::{BuiltInRole, PermissionSet, Role, RoleName};
use model::{TenantId, UserId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Tx;

const ACTION: &str = "role_mapping.update";

/// Replaces the mapping; it counts from everybody's next sign-in. Needs `sso:write`, and for each role that it gives and
/// did not give before what giving it needs by hand. One that would take from its editor what changing it needs is
/// refused: their own last claims decide.
pub async fn change(control: &Control, actor: &Actor, mapping: RoleMapping) -> Result<RoleMapping, Error> {
    let target = Target { kind: "role_mapping", id: "role_mapping", name: "Role mapping", tenant_id: None };
    if !actor.may(WRITE) {
        return Err(control.refuse(actor, WRITE, ACTION, &target, Error::Forbidden(WRITE)).await);
    }
    let mut errors = mapping.check();
    let mut tx = control.store().begin().await?;
    let before = tx.role_mapping().await?;
    if mapping == before {
        return Ok(before);
    }
    check_names(&mut tx, &mapping, &mut errors).await?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    for (role, scope) in given(&mapping).difference(&given(&before)) {
        let role = tx.role(role).await?.ok_or(Error::NotFound)?;
        if let Some(lacked) = lacking(actor, &role, scope.as_ref(), None) {
            drop(tx);
            return Err(control.refuse(actor, lacked, ACTION, &target, Error::Forbidden(lacked)).await);
        }
    }
    if let Some(user) = actor.user() {
        refuse_lock_out(&mut tx, actor, &user.id, &mapping).await?;
    }
    tx.set_role_mapping(&mapping, control.now(), actor.label()).await?;
    let detail = json!({ "before": &before, "after": &mapping });
    let entry = control.entry(actor, ACTION, &target, AuditResult::Success, detail);
    control.commit(tx, entry, Vec::new()).await?;
    Ok(mapping)
}

/// The roles that a mapping gives, and where (`None`: everywhere).
fn given(mapping: &RoleMapping) -> BTreeSet<(RoleName, Option<TenantId>)> {
    let everywhere = mapping.roles().map(|role| (role.clone(), None));
    let assignments = mapping.rules.iter().flat_map(|rule| &rule.assignments);
    let in_tenants = assignments.map(|given| (given.role.clone(), Some(given.tenant_id.clone())));
    everywhere.chain(in_tenants).collect()
}

/// Roles, tenants and identity providers that there aren't.
async fn check_names(tx: &mut Tx, mapping: &RoleMapping, errors: &mut Vec<FieldError>) -> Result<(), Error> {
    let no_role = |field: String, role: &RoleName| FieldError::new(field, format!("there is no role {role}"));
    if let Otherwise::Role(role) = &mapping.otherwise
        && tx.role(role).await?.is_none()
    {
        errors.push(no_role("otherwise.role".to_owned(), role));
    }
    for (at, rule) in mapping.rules.iter().enumerate() {
        if let Some(role) = &rule.role
            && tx.role(role).await?.is_none()
        {
            errors.push(no_role(format!("rules[{at}].role"), role));
        }
        for given in &rule.assignments {
            let role = tx.role(&given.role).await?;
            let field = || format!("rules[{at}].assignments");
            match role {
                None => errors.push(no_role(field(), &given.role)),
                Some(Role { permissions, .. }) if permissions.and(PermissionSet::IN_TENANTS).is_empty() => {
                    let message = format!("{} gives nothing in a tenant; give it everywhere", given.role);
                    errors.push(FieldError::new(field(), message));
                }
                Some(_) => {}
            }
        }
        for tenant in rule.all_tenants() {
            if tx.tenant(tenant).await?.is_none() {
                let message = format!("there is no tenant {tenant}");
                errors.push(FieldError::new(format!("rules[{at}].tenants"), message));
            }
        }
    }
    Ok(())
}

/// What the identity providers that somebody came with said of them the last time, each by its name.
async fn claims_of(tx: &mut Tx, user: &UserId) -> Result<Vec<(String, Value)>, Error> {
    let mut all = Vec::new();
    for identity in tx.identities_of(user).await? {
        let Some(provider) = identity.provider else { continue };
        let claims = tx.claims_of(&identity.id).await?.unwrap_or_default();
        all.push((provider.to_string(), serde_json::from_str(&claims).unwrap_or_default()));
    }
    Ok(all)
}

/// Refuses what would take from the editor, at their next sign-in, the right to undo it.
async fn refuse_lock_out(
    tx: &mut Tx,
    actor: &Actor,
    editor: &UserId,
    mapping: &RoleMapping,
) -> Result<(), Error> {
    for (provider, claims) in claims_of(tx, editor).await? {
        let (by, why) = match identity::mapping::resolve(mapping, Some(&provider), &claims) {
            Outcome::Kept { .. } | Outcome::Granted { role: None, .. } => continue,
            Outcome::Denied { decided_by } => (decided_by, "refuse your sign-in".to_owned()),
            Outcome::Granted { decided_by, role: Some(name), .. } => {
                let role = tx.role(&name).await?;
                let keeps_rank = !actor.is_super_admin() || name == BuiltInRole::SuperAdmin;
                if keeps_rank && role.is_some_and(|role| role.permissions.contains(WRITE)) {
                    continue;
                }
                (decided_by, format!("make you {name}"))
            }
        };
        let by = match by {
            Decision::Rule { number } => format!("Rule {number}"),
            Decision::Otherwise => "What is set for people whom no rule fits".to_owned(),
            Decision::MissingClaim => "What is set for missing claims".to_owned(),
            Decision::NoRules => "The mapping".to_owned(),
        };
        let detail = format!(
            "{by} would {why} at your next sign-in with {provider}, and you couldn't undo it. Put a rule before it that your own claims fit."
        );
        return Err(Error::Conflict { code: "would_lock_out", detail: detail.into() });
    }
    Ok(())
}
