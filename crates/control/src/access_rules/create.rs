//! Making an access rule.

use super::{WRITE, authorise_scope, check, target};
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::access::{AccessRuleView, NewAccessRule};
use model::audit::AuditResult;
use model::change::Change;
use serde_json::json;

/// Makes a rule; it counts from the next request. Needs `access_rules:write`, for a rule about a tenant there.
pub async fn create(control: &Control, actor: &Actor, new: NewAccessRule) -> Result<AccessRuleView, Error> {
    authorise_scope(control, actor, &new.scope, "access_rule.create", "").await?;
    check(control, &new).await?;
    let id = AccessRuleId::generate(|bytes| control.entropy().fill(bytes));
    let rule = new.into_rule(id, actor.may(WRITE), control.now(), actor.label().to_owned());
    let mut tx = control.store().begin().await?;
    tx.upsert_access_rule(&rule).await?;
    let view = tx.access_rule(&rule.id).await?.ok_or(Error::NotFound)?;
    let detail = json!({ "after": &rule });
    let entry = control.entry(actor, "access_rule.create", &target(&rule), AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::AccessRules]).await?;
    Ok(view)
}
