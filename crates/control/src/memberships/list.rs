//! Listing memberships.

use super::READ;
use crate::{Actor, Control, Error};
use model::membership::{Membership, MembershipFilter};
use model::page::{Page, PageRequest};

/// The memberships that match, in tenants in which `actor` holds `memberships:read`, by tenant and user.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &MembershipFilter,
    page: &PageRequest,
) -> Result<Page<Membership>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    Ok(control.store().list_memberships(filter, page, &reach).await?)
}
