//! Listing access rules.

use super::READ;
use crate::{Actor, Control, Error};
use model::access::{AccessRuleFilter, AccessRuleView};
use model::page::{Page, PageRequest};

/// The rules that match, newest first: all of them, or those about tenants in which `actor` holds `access_rules:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &AccessRuleFilter,
    page: &PageRequest,
) -> Result<Page<AccessRuleView>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    Ok(control.store().list_access_rules(filter, page, &reach).await?)
}
