//! Listing keys: all of them for operators, one's own for everybody.

use super::READ;
use crate::{Actor, Control, Error};
use model::key::{KeyFilter, KeySort, KeyView};
use model::page::{Page, PageRequest};
use model::role::Reach;

/// Every key of the tenants in which `actor` holds `keys:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &KeyFilter,
    sort: KeySort,
    page: &PageRequest,
) -> Result<Page<KeyView>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    Ok(control.store().list_keys(filter, sort, page, &reach, control.now()).await?)
}

/// The signed-in user's own keys, whatever the filter says of owners.
pub async fn list_own(
    control: &Control,
    actor: &Actor,
    filter: &KeyFilter,
    sort: KeySort,
    page: &PageRequest,
) -> Result<Page<KeyView>, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let own = KeyFilter { owner_id: Some(user.id.clone()), ..filter.clone() };
    Ok(control.store().list_keys(&own, sort, page, &Reach::Everywhere, control.now()).await?)
}
