//! API keys: everybody's and one's own.

use crate::error::{Answer, AppError};
use crate::viewer::Dated;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::key::{
    CreatedKey, KeyChange, KeyDetail, KeyFilter, KeySort, KeyView, NewKey, RevokedKey, RotateKey, RotatedKey,
};
use model::{KeyId, Page, PageRequest, Problem};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::edge::{Edge, no_store};
#[cfg(feature = "ssr")]
use crate::server_fns::{answer, dated, in_days};

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

/// Makes a key for oneself.
#[server(prefix = "/api", endpoint = "keys/create-own", input = Json)]
pub async fn create_own_key(
    new: NewKey,
    expires_in_days: Option<u16>,
) -> Result<Answer<CreatedKey>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let new = NewKey { expires_at: in_days(&edge, expires_in_days).or(new.expires_at), ..new };
    answer(&edge, control::keys::create_own(&edge.control, edge.actor()?, new).await)
}

/// Makes a key for anybody.
#[server(prefix = "/api", endpoint = "keys/create", input = Json)]
pub async fn create_key(new: NewKey, expires_in_days: Option<u16>) -> Result<Answer<CreatedKey>, AppError> {
    no_store();
    let edge = Edge::current()?;
    let new = NewKey { expires_at: in_days(&edge, expires_in_days).or(new.expires_at), ..new };
    answer(&edge, control::keys::create(&edge.control, edge.actor()?, new).await)
}

/// Changes a key.
#[server(prefix = "/api", endpoint = "keys/change", input = Json)]
pub async fn change_key(
    id: KeyId,
    change: KeyChange,
    expires_in_days: Option<u16>,
) -> Result<Answer<KeyView>, AppError> {
    let edge = Edge::current()?;
    let end = in_days(&edge, expires_in_days).map(Some);
    let change = KeyChange { expires_at: end.or(change.expires_at), ..change };
    answer(&edge, control::keys::change(&edge.control, edge.actor()?, &id, change).await)
}

/// Gives a key a new secret.
#[server(prefix = "/api", endpoint = "keys/rotate", input = Json)]
pub async fn rotate_key_secret(id: KeyId, rotate: RotateKey) -> Result<Answer<RotatedKey>, AppError> {
    no_store();
    let edge = Edge::current()?;
    answer(&edge, control::keys::rotate(&edge.control, edge.actor()?, &id, rotate).await)
}

/// Revokes a key for good.
#[server(prefix = "/api", endpoint = "keys/revoke", input = Json)]
pub async fn revoke_key(id: KeyId, reason: String) -> Result<Answer<RevokedKey>, AppError> {
    let edge = Edge::current()?;
    answer(&edge, control::keys::revoke(&edge.control, edge.actor()?, &id, &reason).await)
}

/// What became of one of many keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedOne {
    /// Which.
    pub id: KeyId,
    /// Requests that were cut.
    pub requests_cut: u64,
    /// Why it wasn't revoked.
    pub failure: Option<Problem>,
}

/// Revokes up to [`model::key::BULK_REVOKE`] keys for good.
#[server(prefix = "/api", endpoint = "keys/revoke-many", input = Json)]
pub async fn revoke_keys(ids: Vec<KeyId>, reason: String) -> Result<Answer<Vec<RevokedOne>>, AppError> {
    let edge = Edge::current()?;
    let revoked = control::keys::revoke_many(&edge.control, edge.actor()?, &ids, &reason).await;
    let one = |(id, result): (KeyId, Result<RevokedKey, control::Error>)| match result {
        Ok(revoked) => RevokedOne { id, requests_cut: revoked.receipt.requests_cut.into(), failure: None },
        Err(error) => {
            RevokedOne { id, requests_cut: 0, failure: Some(error.to_problem(&edge.correlation_id)) }
        }
    };
    answer(&edge, revoked.map(|results| results.into_iter().map(one).collect()))
}
