//! One key with its usage history.

use super::{READ, WRITE, is_owner};
use crate::{Actor, Control, Error};
use model::id::KeyId;
use model::key::{KeyDetail, KeySecretView, KeyStats, KeyView};
use model::page::PageRequest;
use model::role::Reach;
use std::time::Duration;
use store::UsageScope;

const HISTORY_DAYS: u16 = 30;
const RECENT: u16 = 20;

/// One key. Needs `keys:read` in its tenant, or to be its owner; anybody else gets what an unknown id gets.
pub async fn read(control: &Control, actor: &Actor, id: &KeyId) -> Result<KeyDetail, Error> {
    let key = visible(control, actor, id).await?;
    let now = control.now();
    let scope = UsageScope { key: Some(*id), ..UsageScope::of(Reach::Everywhere) };
    let first_day = now.before(Duration::from_hours(24 * u64::from(HISTORY_DAYS - 1))).utc_day_start();
    let store = control.store();
    let recent = PageRequest { cursor: None, limit: RECENT };
    Ok(KeyDetail {
        key,
        secrets: store.key_secrets(id).await?.into_iter().map(KeySecretView::from).collect(),
        last_24h: store.usage_totals(&scope, now.before(Duration::from_hours(24)), now).await?,
        daily: store.daily_usage(&scope, first_day, HISTORY_DAYS).await?,
        recent: store.list_usage(&scope, first_day, now, &recent).await?.items,
    })
}

/// A key's usage in figures. Needs `keys:read` in its tenant, or to be its owner; anybody else gets what an unknown id gets.
pub async fn stats(control: &Control, actor: &Actor, id: &KeyId) -> Result<KeyStats, Error> {
    let key = visible(control, actor, id).await?;
    let now = control.now();
    let scope = UsageScope { key: Some(*id), ..UsageScope::of(Reach::Everywhere) };
    let first_day = now.before(Duration::from_hours(24 * u64::from(HISTORY_DAYS - 1))).utc_day_start();
    // A request that is being settled can carry this very moment; spans end before their last.
    let end = now.after(Duration::from_micros(1));
    let store = control.store();
    Ok(KeyStats {
        id: *id,
        total: store.usage_totals(&scope, key.created_at, end).await?,
        last_24h: store.usage_totals(&scope, now.before(Duration::from_hours(24)), end).await?,
        daily: store.daily_usage(&scope, first_day, HISTORY_DAYS).await?,
        last_used_at: key.last_used_at,
        running: control.0.broadcast.running_of(id),
    })
}

/// The key that a request of `actor` made, if they may see it, or make it, now.
pub(crate) async fn made(control: &Control, actor: &Actor, id: &KeyId) -> Result<KeyView, Error> {
    let key = control.store().key(id, control.now()).await?.ok_or(Error::NotFound)?;
    if actor.may_in(WRITE, &key.tenant_id) { Ok(key) } else { visible(control, actor, id).await }
}

/// The key, if `actor` may see it.
async fn visible(control: &Control, actor: &Actor, id: &KeyId) -> Result<KeyView, Error> {
    let key = control.store().key(id, control.now()).await?.ok_or(Error::NotFound)?;
    if actor.may_in(READ, &key.tenant_id) || is_owner(actor, &key) { Ok(key) } else { Err(Error::NotFound) }
}
