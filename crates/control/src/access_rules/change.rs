//! Changing an access rule.

use super::{WRITE, check, target};
use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::access::{AccessRuleChange, AccessRuleView};
use model::audit::AuditResult;
use model::change::Change;
use serde_json::json;

/// Changes a rule; it counts from the next request. Needs `access_rules:write`.
pub async fn change(
    control: &Control,
    actor: &Actor,
    id: &AccessRuleId,
    change: AccessRuleChange,
) -> Result<AccessRuleView, Error> {
    let asked = Target { kind: "access_rule", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(actor, WRITE, "access_rule.update", &asked).await?;
    let mut tx = control.store().begin().await?;
    let before = tx.access_rule(id).await?.ok_or(Error::NotFound)?;
    let new = change.apply(&before.rule);
    check(control, &new).await?;
    let after = new.into_rule(id.clone(), before.rule.created_at, before.rule.created_by.clone());
    if after == before.rule {
        return Ok(before);
    }
    tx.upsert_access_rule(&after).await?;
    let view = tx.access_rule(id).await?.ok_or(Error::NotFound)?;
    let detail = json!({ "before": &before.rule, "after": &after });
    let entry = control.entry(actor, "access_rule.update", &target(&after), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::AccessRules]).await?;
    Ok(view)
}
