//! What somebody did: keys that they made, sign-ins, requests of their keys.

use super::READ;
use crate::{Actor, Control, Error};
use model::UserId;
use model::page::{Page, PageRequest, Total};
use model::user::Activity;

/// What somebody did, newest first. Needs `users:read` in one of their tenants; what they did in others isn't shown. There
/// is no total: it would be counted over everything that they ever did.
pub async fn activity(
    control: &Control,
    actor: &Actor,
    id: &UserId,
    page: &PageRequest,
) -> Result<Page<Activity>, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    control.store().user(id).await?.filter(|user| user.is_within(&reach)).ok_or(Error::NotFound)?;
    let (items, next_cursor) = control.store().activity_of(id, &reach, page).await?;
    let total =
        Total { count: u64::try_from(items.len()).unwrap_or(u64::MAX), capped: next_cursor.is_some() };
    Ok(Page { items, next_cursor, total, hidden: Total::default() })
}
