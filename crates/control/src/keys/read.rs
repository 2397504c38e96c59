//! One key with its usage history.

use super::READ;
use crate::{Actor, Control, Error};
use model::id::KeyId;
use model::key::{KeyDetail, KeyView};
use model::page::PageRequest;
use std::time::Duration;
use store::UsageScope;

const HISTORY_DAYS: u16 = 30;
const RECENT: u16 = 20;

/// One key. Needs `keys:read`, or to be its owner; anybody else gets what an unknown id gets.
pub async fn read(control: &Control, actor: &Actor, id: &KeyId) -> Result<KeyDetail, Error> {
    let key = visible(control, actor, id).await?;
    let now = control.now();
    let scope = UsageScope { key: Some(*id), ..UsageScope::default() };
    let first_day = now.before(Duration::from_hours(24 * u64::from(HISTORY_DAYS - 1))).utc_day_start();
    let store = control.store();
    let recent = PageRequest { cursor: None, limit: RECENT };
    Ok(KeyDetail {
        key,
        secrets: Vec::new(),
        last_24h: store.usage_totals(&scope, now.before(Duration::from_hours(24)), now).await?,
        daily: store.daily_usage(&scope, first_day, HISTORY_DAYS).await?,
        recent: store.list_usage(&scope, first_day, now, &recent).await?.items,
    })
}

/// The key, if `actor` may see it.
async fn visible(control: &Control, actor: &Actor, id: &KeyId) -> Result<KeyView, Error> {
    let key = control.store().key(id, control.now()).await?.ok_or(Error::NotFound)?;
    if actor.may(READ) || is_owner(actor, &key) { Ok(key) } else { Err(Error::NotFound) }
}

pub(super) fn is_owner(actor: &Actor, key: &KeyView) -> bool {
    actor.user().is_some_and(|user| key.owner_id.as_ref() == Some(&user.id))
}
