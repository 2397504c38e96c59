//! API keys: everybody's and one's own.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::key::{CreatedKey, KeyDetail, KeyFilter, KeySort, KeyView, NewKey, RevokedKey};
use model::{KeyId, Page, PageRequest};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, no_store};
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated};
#[cfg(feature = "ssr")]
use std::time::Duration;

/// A page of everybody's keys.
#[server(prefix = "/api", endpoint = "keys/list", input = Json)]
pub async fn list_keys(
    filter: KeyFilter,
    sort: KeySort,
    page: PageRequest,
) -> Result<Dated<Page<KeyView>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::keys::list(&edge.control, edge.actor()?, &filter, sort, &page).await)
}

/// A page of one's own keys.
#[server(prefix = "/api", endpoint = "keys/list-own", input = Json)]
pub async fn list_own_keys(
    filter: KeyFilter,
    sort: KeySort,
    page: PageRequest,
) -> Result<Dated<Page<KeyView>>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::keys::list_own(&edge.control, edge.actor()?, &filter, sort, &page).await)
}

/// One key with its usage history.
#[server(prefix = "/api", endpoint = "keys/read", input = Json)]
pub async fn read_key(id: KeyId) -> Result<Dated<KeyDetail>, AppError> {
    let edge = Edge::current()?;
    dated(&edge, control::keys::read(&edge.control, edge.actor()?, &id).await)
}

/// Makes a key for oneself. The expiry is counted from the server's time, so that a wrong clock in the browser
/// doesn't matter.
#[server(prefix = "/api", endpoint = "keys/create-own", input = Json)]
pub async fn create_own_key(
    new: NewKey,
    expires_in_days: Option<u16>,
) -> Result<Answer<CreatedKey>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let days = |days: u16| edge.control.now().after(Duration::from_hours(24 * u64::from(days)));
    let new = NewKey { expires_at: expires_in_days.map(days).or(new.expires_at), ..new };
    answer(&edge, control::keys::create_own(&edge.control, edge.actor()?, new).await)
}

/// Revokes a key for good.
#[server(prefix = "/api", endpoint = "keys/revoke", input = Json)]
pub async fn revoke_key(id: KeyId, reason: String) -> Result<Answer<RevokedKey>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::keys::revoke(&edge.control, edge.actor()?, &id, &reason).await)
}
