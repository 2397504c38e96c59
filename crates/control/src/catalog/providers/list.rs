//! Listing providers.

use super::READ;
use crate::{Actor, Control, Error};
use model::catalog::Provider;
use model::page::{Page, PageRequest};

/// Every provider, by name. Needs `providers:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Provider>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().list_providers(q, page).await?)
}
