//! Removing an access rule.

use super::{WRITE, target};
use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::audit::AuditResult;
use model::change::Change;
use serde_json::json;

/// Removes a rule; who it was about may call more from the next request. Needs `access_rules:write`.
pub async fn remove(control: &Control, actor: &Actor, id: &AccessRuleId) -> Result<(), Error> {
    let asked = Target { kind: "access_rule", id: id.as_str(), name: "", tenant_id: None };
    control.authorise(actor, WRITE, "access_rule.delete", &asked).await?;
    let mut tx = control.store().begin().await?;
    let rule = tx.access_rule(id).await?.ok_or(Error::NotFound)?.rule;
    tx.delete_access_rule(id).await?;
    let detail = json!({ "before": &rule });
    let entry = control.entry(actor, "access_rule.delete", &target(&rule), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::AccessRules]).await?;
    Ok(())
}
