//! Listing tenants, and reading one.

use super::READ;
use crate::{Actor, Control, Error};
use model::TenantId;
use model::page::{Page, PageRequest};
use model::role::{Action, Permission, Reach, Resource};
use model::tenant::{Tenant, TenantFilter, TenantView};

const MEMBERS: Permission = Permission::new(Resource::Memberships, Action::Read);
const KEYS: Permission = Permission::new(Resource::Keys, Action::Read);
const USAGE: Permission = Permission::new(Resource::Usage, Action::Read);

/// The tenants that match and in which `actor` holds `tenants:read`, by slug. A figure is there for who may read what
/// it counts.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &TenantFilter,
    page: &PageRequest,
) -> Result<Page<TenantView>, Error> {
    let reach = match (actor.reach_or_refuse(READ)?, &filter.id) {
        (reach, None) => reach,
        (reach, Some(id)) => Reach::of(Some(id.clone()).filter(|id| reach.covers(id))),
    };
    let Page { items, next_cursor, total, hidden } =
        control.store().list_tenants(filter.q.as_deref(), page, &reach).await?;
    Ok(Page { items: with_figures(control, actor, items).await?, next_cursor, total, hidden })
}

/// One tenant. Needs `tenants:read` there.
pub async fn read(control: &Control, actor: &Actor, id: &TenantId) -> Result<TenantView, Error> {
    actor.sees(READ, Some(id))?;
    let tenant = control.store().tenant(id).await?.ok_or(Error::NotFound)?;
    with_figures(control, actor, vec![tenant]).await?.pop().ok_or(Error::NotFound)
}

async fn with_figures(
    control: &Control,
    actor: &Actor,
    tenants: Vec<Tenant>,
) -> Result<Vec<TenantView>, Error> {
    let now = control.now();
    let ids: Vec<_> = tenants.iter().map(|tenant| tenant.id.clone()).collect();
    let figures = control.store().tenant_figures(&ids, now.utc_month_start(), now).await?;
    let view = |tenant: Tenant| {
        let figures = figures.get(&tenant.id).copied().unwrap_or_default();
        let may = |permission| actor.may_in(permission, &tenant.id);
        TenantView {
            members: may(MEMBERS).then_some(figures.members),
            active_keys: may(KEYS).then_some(figures.active_keys),
            month_cost_usd: may(USAGE).then_some(figures.cost_usd),
            tenant,
        }
    };
    Ok(tenants.into_iter().map(view).collect())
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
