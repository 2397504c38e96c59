//! One access rule.

use super::{READ, tenant_of};
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::access::AccessRuleView;

/// One rule. Needs `access_rules:read`, for a rule about a tenant there.
pub async fn read(control: &Control, actor: &Actor, id: &AccessRuleId) -> Result<AccessRuleView, Error> {
    let rule = control.store().access_rule(id).await?;
    actor.sees(READ, rule.as_ref().and_then(|view| tenant_of(&view.rule.scope)))?;
    rule.ok_or(Error::NotFound)
}
