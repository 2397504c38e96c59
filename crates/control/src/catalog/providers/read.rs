//! One provider with the models that need it.

use super::READ;
use crate::{Actor, Control, Error};
use model::ProviderName;
use model::catalog::ProviderDetail;

/// One provider. Needs `providers:read`.
pub async fn read(control: &Control, actor: &Actor, name: &ProviderName) -> Result<ProviderDetail, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let provider = control.store().provider(name).await?.ok_or(Error::NotFound)?.provider;
    let models = control.store().models_using(name).await?;
    Ok(ProviderDetail { provider, models })
}
