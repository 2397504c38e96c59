//! Providers and models from the control plane into the gateway.

use control::Control;
use gateway::{Catalog, CatalogProvider, Credential, Gateway};

/// Reads the catalog, opens its credentials and hands it to the data plane.
pub(crate) async fn load_catalog(gateway: &Gateway, control: &Control) -> Result<(), control::Error> {
    let open = control::catalog::open(control).await?;
    let providers = open
        .providers
        .into_iter()
        .map(|open| CatalogProvider {
            provider: open.provider,
            credential: open.credential.map(|text| Credential::new(text.as_str().to_owned())),
        })
        .collect();
    let (catalog, problems) = Catalog::compile(providers, open.models);
    for problem in problems {
        tracing::warn!(%problem, "the catalog has a part that can't be used");
    }
    gateway.set_catalog(catalog);
    Ok(())
}
