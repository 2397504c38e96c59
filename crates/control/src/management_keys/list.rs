//! Looking at management keys.

use super::READ;
use crate::{Actor, Control, Error};
use model::ManagementKeyId;
use model::management_key::{ManagementKeyFilter, ManagementKeyView};
use model::page::{Page, PageRequest};

/// The management keys that match, newest first. Needs `management_keys:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &ManagementKeyFilter,
    page: &PageRequest,
) -> Result<Page<ManagementKeyView>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let now = control.now();
    let Page { items, next_cursor, total, hidden } =
        control.store().list_management_keys(filter, page).await?;
    let items = items.into_iter().map(|key| ManagementKeyView::new(key, now)).collect();
    Ok(Page { items, next_cursor, total, hidden })
}

/// One management key. Needs `management_keys:read`.
pub async fn read(
    control: &Control,
    actor: &Actor,
    id: &ManagementKeyId,
) -> Result<ManagementKeyView, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let stored = control.store().management_key(id).await?.ok_or(Error::NotFound)?;
    Ok(ManagementKeyView::new(stored.key, control.now()))
}
