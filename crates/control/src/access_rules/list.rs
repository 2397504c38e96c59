//! Listing access rules.

use super::READ;
use crate::{Actor, Control, Error};
use model::access::{AccessRuleFilter, AccessRuleView};
use model::page::{Page, PageRequest};

/// The rules that match, newest first. Needs `access_rules:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &AccessRuleFilter,
    page: &PageRequest,
) -> Result<Page<AccessRuleView>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().list_access_rules(filter, page).await?)
}
