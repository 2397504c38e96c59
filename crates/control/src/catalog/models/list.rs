//! Listing models.

use super::READ;
use crate::{Actor, Control, Error};
use model::catalog::Model;
use model::page::{Page, PageRequest};

/// Every model, by name. Needs `models:read`.
pub async fn list(
    control: &Control,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Model>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().list_models(q, page).await?)
}
