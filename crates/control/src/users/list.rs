//! Listing accounts.

use super::READ;
use crate::{Actor, Control, Error};
use model::page::{Page, PageRequest};
use model::user::{User, UserFilter, UserSort};

/// Every account on the platform. Needs `users:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    filter: &UserFilter,
    sort: UserSort,
    page: &PageRequest,
) -> Result<Page<User>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().list_users(filter, sort, page).await?)
}
