//! Providers and models.

use crate::error::{Answer, AppError};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::catalog::{
    ModelCallers, ModelChange, ModelDetail, NewModel, NewProvider, ProbeResult, ProviderChange,
    ProviderDetail,
};
use model::{ModelName, Page, PageRequest, ProviderName};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{ONE_ROW, answer, found, hiding};

/// Something that the configuration file may own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned<T> {
    /// The thing.
    pub data: T,
    /// Where to change it instead; `None`: here.
    pub read_only: Option<String>,
}

/// A page of providers.
#[server(prefix = "/api", endpoint = "providers/list", input = Json)]
pub async fn list_providers(q: Option<String>, page: PageRequest) -> Result<Page<ProviderDetail>, AppError> {
    let edge = Edge::current()?;
    let actor = edge.actor()?;
    let listed = control::catalog::providers::overview(&edge.control, actor, q.as_deref(), &page).await;
    let all = control::catalog::providers::overview(&edge.control, actor, None, &ONE_ROW);
    found(&edge, hiding(q.is_some(), listed, all).await)
}

/// The names of all providers, for forms.
#[server(prefix = "/api", endpoint = "providers/names", input = Json)]
pub async fn provider_names() -> Result<Vec<ProviderName>, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::catalog::providers::names(&edge.control, edge.actor()?).await)
}

/// One provider with the models that need it.
#[server(prefix = "/api", endpoint = "providers/read", input = Json)]
pub async fn read_provider(name: ProviderName) -> Result<Owned<ProviderDetail>, AppError> {
    let edge = Edge::current()?;
    let read = control::catalog::providers::read(&edge.control, edge.actor()?, &name).await;
    let data = found(&edge, read)?;
    let owned = data.provider.from_configuration;
    Ok(Owned { data, read_only: owned.then(|| where_to_change(&edge, "provider", name.as_str())) })
}

/// Makes a provider. Answers its name.
#[server(prefix = "/api", endpoint = "providers/create", input = Json)]
pub async fn create_provider(new: NewProvider) -> Result<Answer<ProviderName>, AppError> {
    let edge = Edge::current()?;
    let made = control::catalog::providers::create(&edge.control, edge.actor()?, new).await;
    answer(&edge, made.map(|provider| provider.name))
}

/// Changes a provider. Answers its name.
#[server(prefix = "/api", endpoint = "providers/change", input = Json)]
pub async fn change_provider(
    name: ProviderName,
    change: ProviderChange,
) -> Result<Answer<ProviderName>, AppError> {
    let edge = Edge::current()?;
    let changed = control::catalog::providers::change(&edge.control, edge.actor()?, &name, change).await;
    answer(&edge, changed.map(|provider| provider.name))
}

/// Removes a provider. Answers its name.
#[server(prefix = "/api", endpoint = "providers/remove", input = Json)]
pub async fn remove_provider(name: ProviderName) -> Result<Answer<ProviderName>, AppError> {
    let edge = Edge::current()?;
    let removed = control::catalog::providers::remove(&edge.control, edge.actor()?, &name).await;
    answer(&edge, removed.map(|()| name))
}

/// Calls a provider with its credential and says how it went.
#[server(prefix = "/api", endpoint = "providers/test", input = Json)]
pub async fn test_provider(name: ProviderName) -> Result<Answer<ProbeResult>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::catalog::providers::test(&edge.control, edge.actor()?, &name).await)
}

/// A page of models with the state of their targets.
#[server(prefix = "/api", endpoint = "models/list", input = Json)]
pub async fn list_models(q: Option<String>, page: PageRequest) -> Result<Page<ModelDetail>, AppError> {
    let edge = Edge::current()?;
    let actor = edge.actor()?;
    let listed = control::catalog::models::overview(&edge.control, actor, q.as_deref(), &page).await;
    let all = control::catalog::models::overview(&edge.control, actor, None, &ONE_ROW);
    found(&edge, hiding(q.is_some(), listed, all).await)
}

/// One model with the state of its targets.
#[server(prefix = "/api", endpoint = "models/read", input = Json)]
pub async fn read_model(name: ModelName) -> Result<Owned<ModelDetail>, AppError> {
    let edge = Edge::current()?;
    let read = control::catalog::models::read(&edge.control, edge.actor()?, &name).await;
    let data = found(&edge, read)?;
    let owned = data.model.from_configuration;
    Ok(Owned { data, read_only: owned.then(|| where_to_change(&edge, "model", name.as_str())) })
}

/// Who may call a model: a page of keys, and the rules that narrow it.
#[server(prefix = "/api", endpoint = "models/callers", input = Json)]
pub async fn read_callers(name: ModelName, page: PageRequest) -> Result<ModelCallers, AppError> {
    let edge = Edge::current()?;
    let asked = control::catalog::models::who_may_call(&edge.control, edge.actor()?, &name, &page);
    found(&edge, asked.await)
}

/// Makes a model. Answers its name.
#[server(prefix = "/api", endpoint = "models/create", input = Json)]
pub async fn create_model(new: NewModel) -> Result<Answer<ModelName>, AppError> {
    let edge = Edge::current()?;
    let made = control::catalog::models::create(&edge.control, edge.actor()?, new).await;
    answer(&edge, made.map(|model| model.name))
}

/// Changes a model. Answers its name.
#[server(prefix = "/api", endpoint = "models/change", input = Json)]
pub async fn change_model(name: ModelName, change: ModelChange) -> Result<Answer<ModelName>, AppError> {
    let edge = Edge::current()?;
    let changed = control::catalog::models::change(&edge.control, edge.actor()?, &name, change).await;
    answer(&edge, changed.map(|model| model.name))
}

/// Removes a model. Answers its name.
#[server(prefix = "/api", endpoint = "models/remove", input = Json)]
pub async fn remove_model(name: ModelName) -> Result<Answer<ModelName>, AppError> {
    let edge = Edge::current()?;
    let removed = control::catalog::models::remove(&edge.control, edge.actor()?, &name).await;
    answer(&edge, removed.map(|()| name))
}

#[cfg(feature = "ssr")]
fn where_to_change(edge: &Edge, what: &str, name: &str) -> String {
    control::catalog::where_to_change(&edge.control, what, name)
}
