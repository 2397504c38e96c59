//! Opening the catalog for the data plane: the only place where provider credentials are in clear.

use super::sealing_purpose;
use crate::{Control, Error};
use identity::seal;
use model::catalog::{Model, Provider};
use model::change::Epoch;
use zeroize::Zeroizing;

/// A provider with its credential in clear. No `Debug`: it must not be printed.
pub struct OpenProvider {
    /// The provider.
    pub provider: Provider,
    /// Its credential, if it has one.
    pub credential: Option<Zeroizing<String>>,
}

/// Providers and models as of an epoch.
pub struct OpenCatalog {
    /// The providers.
    pub providers: Vec<OpenProvider>,
    /// The models.
    pub models: Vec<Model>,
    /// The position in the change feed that this is true for.
    pub epoch: Epoch,
}

/// Reads providers and models and opens the credentials.
pub async fn open(control: &Control) -> Result<OpenCatalog, Error> {
    let stored = control.store().catalog().await?;
    let providers = stored
        .providers
        .into_iter()
        .map(|stored| {
            let purpose = sealing_purpose(&stored.provider.name);
            let credential = stored
                .sealed_credential
                .map(|sealed| control.0.sealing_key.open(&sealed, &purpose))
                .transpose()?;
            Ok(OpenProvider { provider: stored.provider, credential })
        })
        .collect::<Result<_, seal::Error>>()?;
    Ok(OpenCatalog { providers, models: stored.models, epoch: stored.epoch })
}
