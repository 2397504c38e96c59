//! One access rule.

use super::READ;
use crate::{Actor, Control, Error};
use model::AccessRuleId;
use model::access::AccessRuleView;

/// One rule. Needs `access_rules:read`.
pub async fn read(control: &Control, actor: &Actor, id: &AccessRuleId) -> Result<AccessRuleView, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    control.store().access_rule(id).await?.ok_or(Error::NotFound)
}
