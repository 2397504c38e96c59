//! Changing an access rule.

use super::{WRITE, authorise, authorise_scope, check, refuse_locked, target, writes};
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::access::{AccessRule, AccessRuleChange, AccessRuleView};
use model::audit::AuditResult;
use model::change::Change;
use serde_json::json;

const ACTION: &str = "access_rule.update";

/// Changes a rule; it counts from the next request. Needs `access_rules:write`, for a rule
/// about a tenant there, before and after; what who may do so everywhere has set, only they change.
pub async fn change(
    control: &Control,
    actor: &Actor,
    id: &AccessRuleId,
    change: AccessRuleChange,
) -> Result<AccessRuleView, Error> {
    authorise(control, actor, id, ACTION).await?;
    if let Some(scope) = &change.scope {
        authorise_scope(control, actor, scope, ACTION, id.as_str()).await?;
    }
    let mut tx = control.store().begin().await?;
    // Since it was looked at, it may have come to be about another tenant.
    let before = tx.access_rule(id).await?.filter(|view| writes(actor, &view.rule.scope));
    let before = before.ok_or(Error::NotFound)?;
    if before.rule.locked && !actor.may(WRITE) {
        drop(tx);
        return Err(refuse_locked(control, actor, &before.rule, ACTION).await);
    }
    let new = change.apply(&before.rule);
    check(control, &new).await?;
    let (created_at, created_by) = (before.rule.created_at, before.rule.created_by.clone());
    let after = new.into_rule(id.clone(), actor.may(WRITE), created_at, created_by);
    if (AccessRule { locked: before.rule.locked, ..after.clone() }) == before.rule {
        return Ok(before);
    }
    tx.upsert_access_rule(&after).await?;
    let view = tx.access_rule(id).await?.ok_or(Error::NotFound)?;
    let detail = json!({ "before": &before.rule, "after": &after });
    let entry = control.entry(actor, ACTION, &target(&after), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::AccessRules]).await?;
    Ok(view)
}
