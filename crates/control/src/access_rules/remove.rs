//! Removing an access rule.

use super::{WRITE, authorise, refuse_locked, target, writes};
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::audit::AuditResult;
use model::change::Change;
use serde_json::json;

const ACTION: &str = "access_rule.delete";

/// Removes a rule; who it was about may call more from the next request. Needs
/// `access_rules:write`, for a rule about a tenant there; what who may do so everywhere has set, only they
/// remove.
pub async fn remove(control: &Control, actor: &Actor, id: &AccessRuleId) -> Result<(), Error> {
    authorise(control, actor, id, ACTION).await?;
    let mut tx = control.store().begin().await?;
    // Since it was looked at, it may have come to be about another tenant.
    let view = tx.access_rule(id).await?.filter(|view| writes(actor, &view.rule.scope));
    let rule = view.ok_or(Error::NotFound)?.rule;
    if rule.locked && !actor.may(WRITE) {
        drop(tx);
        return Err(refuse_locked(control, actor, &rule, ACTION).await);
    }
    tx.delete_access_rule(id).await?;
    let detail = json!({ "before": &rule });
    let entry = control.entry(actor, ACTION, &target(&rule), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::AccessRules]).await?;
    Ok(())
}
