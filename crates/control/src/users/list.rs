//! Listing accounts.

use super::READ;
use crate::{Actor, Control, Error};
use model::page::{Page, PageRequest};
use model::user::{User, UserFilter, UserSort};

/// Every account of the tenants in which `actor` holds `users:read`, without what belongs to other tenants.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &UserFilter,
    sort: UserSort,
    page: &PageRequest,
) -> Result<Page<User>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    let Page { items, next_cursor, total, hidden } =
        control.store().list_users(filter, sort, page, &reach, control.now()).await?;
    let items = items.into_iter().map(|user| user.seen_within(&reach)).collect();
    Ok(Page { items, next_cursor, total, hidden })
}
