//! SCIM clients and the provisioning log.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::scim::{
    CreatedScimClient, NewScimClient, ProvisioningEntry, ProvisioningFilter, ScimClient, ScimClientFilter,
};
use model::{Page, PageRequest, ScimClientId};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, no_store};
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated};

/// A page of SCIM clients.
#[server(prefix = "/api", endpoint = "scim-clients/list", input = Json)]
pub async fn list_scim_clients(
    filter: ScimClientFilter,
    page: PageRequest,
) -> Result<Dated<Page<ScimClient>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::scim::list(&edge.control, edge.actor()?, &filter, &page).await)
}

/// One SCIM client.
#[server(prefix = "/api", endpoint = "scim-clients/read", input = Json)]
pub async fn read_scim_client(id: ScimClientId) -> Result<Dated<ScimClient>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::scim::read(&edge.control, edge.actor()?, &id).await)
}

/// Makes a SCIM client.
#[server(prefix = "/api", endpoint = "scim-clients/create", input = Json)]
pub async fn create_scim_client(new: NewScimClient) -> Result<Answer<CreatedScimClient>, AppError> {
    no_store();
    let edge = Edge::current()?;
    answer(&edge, control::scim::create(&edge.control, edge.actor()?, new).await)
}

/// Revokes a SCIM client's token for good.
#[server(prefix = "/api", endpoint = "scim-clients/revoke", input = Json)]
pub async fn revoke_scim_client(
    id: ScimClientId,
    reason: Option<String>,
) -> Result<Answer<ScimClient>, AppError> {
    let edge = Edge::current()?;
    let (actor, reason) = (edge.actor()?, reason.as_deref());
    answer(&edge, control::scim::revoke(&edge.control, actor, &id, reason).await)
}

/// A page of the provisioning log.
#[server(prefix = "/api", endpoint = "provisioning-log/list", input = Json)]
pub async fn list_provisioning_log(
    filter: ProvisioningFilter,
    page: PageRequest,
) -> Result<Dated<Page<ProvisioningEntry>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::scim::provisioning_log(&edge.control, edge.actor()?, &filter, &page).await)
}
