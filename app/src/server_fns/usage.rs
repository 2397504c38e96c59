//! Figures of everybody's and of one's own usage.

use crate::error::AppError;
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::catalog::OfferedModel;
use model::dashboard::{Dashboard, OwnUsage};
use model::usage_report::{UsageQuestion, UsageReport};
use model::{ModelName, TenantId};

#[cfg(feature = "ssr")]
use crate::edge::Edge;
#[cfg(feature = "ssr")]
use crate::server_fns::{dated, found};

/// The dashboard's figures, of one tenant or of all.
#[server(prefix = "/api", endpoint = "usage/dashboard", input = Json)]
pub async fn read_dashboard(tenant: Option<TenantId>) -> Result<Dated<Dashboard>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::usage::dashboard(&edge.control, edge.actor()?, tenant.as_ref()).await)
}

/// One's own usage.
#[server(prefix = "/api", endpoint = "usage/own", input = Json)]
pub async fn read_own_usage() -> Result<Dated<OwnUsage>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::usage::own(&edge.control, edge.actor()?).await)
}

/// One's own usage by hour or day, and by model or key.
#[server(prefix = "/api", endpoint = "usage/report", input = Json)]
pub async fn read_usage_report(question: UsageQuestion) -> Result<UsageReport, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::usage::report(&edge.control, edge.actor()?, &question).await)
}

/// The names of the models that one may call.
#[server(prefix = "/api", endpoint = "usage/models", input = Json)]
pub async fn list_own_models() -> Result<Vec<ModelName>, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::usage::models(&edge.control, edge.actor()?).await)
}

/// The models that one may call.
#[server(prefix = "/api", endpoint = "usage/offered-models", input = Json)]
pub async fn list_offered_models() -> Result<Vec<OfferedModel>, AppError> {
    let edge = Edge::current()?;
    found(&edge, control::usage::offered(&edge.control, edge.actor()?).await)
}
