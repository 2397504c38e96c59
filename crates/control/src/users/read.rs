//! One account with its keys and activity.

use super::READ;
use crate::{Actor, Control, Error};
use model::id::UserId;
use model::key::{KeyFilter, KeySort};
use model::page::PageRequest;
use model::user::UserDetail;
use std::time::Duration;
use store::UsageScope;

/// One account. Needs `users:read`.
pub async fn read(control: &Control, actor: &Actor, id: &UserId) -> Result<UserDetail, Error> {
    if !actor.may(READ) {
        return Err(Error::Forbidden(READ));
    }
    let store = control.store();
    let now = control.now();
    let user = store.user(id).await?.ok_or(Error::NotFound)?;
    let filter = KeyFilter { owner_id: Some(id.clone()), include_revoked: true, ..KeyFilter::default() };
    let scope = UsageScope { user: Some(id.clone()), ..UsageScope::default() };
    Ok(UserDetail {
        user,
        keys: store.list_keys(&filter, KeySort::default(), &PageRequest::default(), now).await?,
        last_30d: store.usage_totals(&scope, now.before(Duration::from_hours(30 * 24)), now).await?,
    })
}
