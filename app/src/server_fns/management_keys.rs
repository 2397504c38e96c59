//! Management keys.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::management_key::{CreatedManagementKey, ManagementKeyFilter, ManagementKeyView, NewManagementKey};
use model::{ManagementKeyId, Page, PageRequest};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, no_store};
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated, in_days};

/// A page of management keys.
#[server(prefix = "/api", endpoint = "management-keys/list", input = Json)]
pub async fn list_management_keys(
    filter: ManagementKeyFilter,
    page: PageRequest,
) -> Result<Dated<Page<ManagementKeyView>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::management_keys::list(&edge.control, edge.actor()?, &filter, &page).await)
}

/// One management key.
#[server(prefix = "/api", endpoint = "management-keys/read", input = Json)]
pub async fn read_management_key(id: ManagementKeyId) -> Result<Dated<ManagementKeyView>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::management_keys::read(&edge.control, edge.actor()?, &id).await)
}

/// Makes a management key.
#[server(prefix = "/api", endpoint = "management-keys/create", input = Json)]
pub async fn create_management_key(
    new: NewManagementKey,
    expires_in_days: Option<u16>,
) -> Result<Answer<CreatedManagementKey>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let new = NewManagementKey { expires_at: in_days(&edge, expires_in_days).or(new.expires_at), ..new };
    answer(&edge, control::management_keys::create(&edge.control, edge.actor()?, new).await)
}

/// Revokes a management key for good.
#[server(prefix = "/api", endpoint = "management-keys/revoke", input = Json)]
pub async fn revoke_management_key(
    id: ManagementKeyId,
    reason: Option<String>,
) -> Result<Answer<ManagementKeyView>, AppError> {
    let edge = Edge::current()?;
    let (actor, reason) = (edge.actor()?, reason.as_deref());
    answer(&edge, control::management_keys::revoke(&edge.control, actor, &id, reason).await)
}
