//! The list of providers as its page shows it, and their names alone for forms.

use super::{READ, list};
use crate::{Actor, Control, Error};
use model::catalog::{Model, ProviderDetail};
use model::page::{Page, PageRequest};
use model::{ModelName, ProviderName};

/// The providers with the models that need each, by name. Needs `providers:read`.
pub async fn overview(
    control: &Control,
    actor: &Actor,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<ProviderDetail>, Error> {
    let Page { items, next_cursor, total, hidden } = list(control, actor, q, page).await?;
    // Models are few beside keys and users: one look-up for all rows.
    let models = control.store().catalog().await?.models;
    let items = items.into_iter().map(|provider| {
        let models = using(&models, &provider.name);
        ProviderDetail { provider, models }
    });
    Ok(Page { items: items.collect(), next_cursor, total, hidden })
}

fn using(models: &[Model], provider: &ProviderName) -> Vec<ModelName> {
    let needs = |model: &&Model| model.targets.iter().any(|target| target.provider == *provider);
    let mut names: Vec<_> = models.iter().filter(needs).map(|model| model.name.clone()).collect();
    names.sort();
    names
}

/// The names of all providers. Needs `providers:read`.
pub async fn names(control: &Control, actor: &Actor) -> Result<Vec<ProviderName>, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let providers = control.store().catalog().await?.providers;
    let mut names: Vec<_> = providers.into_iter().map(|stored| stored.provider.name).collect();
    names.sort();
    Ok(names)
}
