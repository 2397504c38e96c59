//! Looking at identity providers.

use super::super::READ;
use crate::{Actor, Control, Error};
use model::IdentityProviderName;
use model::sso::IdentityProvider;

/// Every identity provider, by title. Needs `sso:read`.
pub async fn list(control: &Control, actor: &Actor) -> Result<Vec<IdentityProvider>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().identity_providers().await?)
}

/// One identity provider. Needs `sso:read`.
pub async fn read(
    control: &Control,
    actor: &Actor,
    name: &IdentityProviderName,
) -> Result<IdentityProvider, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    Ok(control.store().identity_provider(name).await?.ok_or(Error::NotFound)?.provider)
}
