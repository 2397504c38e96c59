//! Bringing providers and models in line with the configuration file: upserted by name at each start; what the file no
//! longer names is removed.

use super::sealing_purpose;
use crate::audit::Target;
use crate::{Actor, Control, Error};
use model::audit::AuditResult;
use model::catalog::{Model, Provider};
use model::change::Change;
use serde_json::json;
use zeroize::Zeroizing;

/// A provider as the configuration gives it.
pub struct ConfiguredProvider {
    /// The provider; `from_configuration` is set here.
    pub provider: Provider,
    /// Its credential.
    pub credential: Option<Zeroizing<String>>,
}

/// Writes the configured providers and models, if they differ from what is stored.
pub async fn configure(
    control: &Control,
    providers: Vec<ConfiguredProvider>,
    models: Vec<Model>,
) -> Result<(), Error> {
    if !differs(control, &providers, &models).await? {
        return Ok(());
    }
    let mut tx = control.store().begin().await?;
    for configured in &providers {
        let purpose = sealing_purpose(&configured.provider.name);
        let sealed = configured
            .credential
            .as_ref()
            .map(|credential| control.0.sealing_key.seal(credential, &purpose, control.entropy()))
            .transpose()?;
        tx.upsert_provider(&configured.provider, sealed.as_deref()).await?;
    }
    for model in &models {
        tx.upsert_model(model).await?;
    }
    let provider_names: Vec<_> = providers.iter().map(|p| p.provider.name.clone()).collect();
    let model_names: Vec<_> = models.iter().map(|model| model.name.clone()).collect();
    tx.remove_configured_except(&provider_names, &model_names).await?;
    let target = Target { kind: "catalog", id: "configuration", name: "configuration file", tenant_id: None };
    let detail = json!({
        "providers": providers.iter().map(|p| &p.provider).collect::<Vec<_>>(),
        "models": models,
    });
    let actor = Actor::configuration();
    let entry = control.entry(&actor, "catalog.configure", &target, AuditResult::Success, detail);
    control.commit(tx, entry, vec![Change::Catalog]).await?;
    Ok(())
}

/// Whether the configured part of the store isn't what the file says, credentials included.
async fn differs(
    control: &Control,
    providers: &[ConfiguredProvider],
    models: &[Model],
) -> Result<bool, Error> {
    let stored = control.store().catalog().await?;
    let same_credential =
        |name, sealed: Option<&Vec<u8>>, wanted: Option<&Zeroizing<String>>| match (sealed, wanted) {
            (None, None) => true,
            (Some(sealed), Some(wanted)) => control
                .0
                .sealing_key
                .open(sealed, &sealing_purpose(name))
                .is_ok_and(|opened| identity::secret::same_secret(&opened, wanted)),
            _ => false,
        };
    let configured_providers =
        stored.providers.iter().filter(|stored| stored.provider.from_configuration).count();
    let configured_models = stored.models.iter().filter(|model| model.from_configuration).count();
    let all_there = providers.iter().all(|wanted| {
        stored.providers.iter().any(|found| {
            found.provider == wanted.provider
                && same_credential(
                    &found.provider.name,
                    found.sealed_credential.as_ref(),
                    wanted.credential.as_ref(),
                )
        })
    }) && models.iter().all(|wanted| stored.models.contains(wanted));
    Ok(!all_there || configured_providers != providers.len() || configured_models != models.len())
}
