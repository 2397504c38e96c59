//! Listing tenants.

use super::READ;
use crate::{Actor, Control, Error};
use model::page::{Page, PageRequest};
use model::role::Reach;
use model::tenant::Tenant;

/// Every tenant in which `actor` holds `tenants:read`, by slug.
pub async fn list(
    control: &Control,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Tenant>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    Ok(control.store().list_tenants(q, page, &reach).await?)
}

/// The tenants that the signed-in user can choose among: the first 200 of all for who may see them, else the user's
/// own and those that they see.
pub async fn of_actor(control: &Control, actor: &Actor) -> Result<Vec<Tenant>, Error> {
    let user = actor.user().ok_or(Error::Unauthenticated)?;
    let reach = match actor.reach(READ) {
        Reach::Everywhere => Reach::Everywhere,
        Reach::Tenants(seen) => Reach::of(seen.into_iter().chain(user.tenant_ids.iter().cloned())),
        Reach::Nowhere => Reach::of(user.tenant_ids.iter().cloned()),
    };
    let page = PageRequest { cursor: None, limit: PageRequest::MAX_LIMIT };
    Ok(control.store().list_tenants(None, &page, &reach).await?.items)
}
