//! Listing tenants.

use super::READ;
use crate::{Actor, Control, Error};
use model::page::{Page, PageRequest};
use model::tenant::Tenant;

/// Every tenant, by slug. Needs `tenants:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Tenant>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().list_tenants(q, page).await?)
}

/// The tenants that the signed-in user can choose among: the first 200 of all for who may see them, else the user's
/// own.
pub async fn of_actor(control: &Control, actor: &Actor) -> Result<Vec<Tenant>, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    if actor.may(READ) {
        let page = PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT };
        return Ok(control.store().list_tenants(None, &page).await?.items);
    }
    Ok(control.store().tenants_of(&user.id).await?)
}
