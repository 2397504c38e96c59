//! One account with its keys and activity.

use super::READ;
use crate::{Actor, Control, Error, mapping};
use model::id::UserId;
use model::key::{KeyFilter, KeySort, KeyStatus};
use model::page::PageRequest;
use model::role::{Action, Permission, Resource};
use model::user::UserDetail;
use std::time::Duration;
use store::UsageScope;

const DAY: Duration = Duration::from_hours(24);
/// How many models are named.
const MODELS: u16 = 10;
const KEYS: Permission = Permission::new(Resource::Keys, Action::Read);

/// One account. Needs `users:read` in one of its tenants; what belongs to other tenants isn't shown. Its keys are shown
/// as far as `keys:read` reaches.
pub async fn read(control: &Control, actor: &Actor, id: &UserId) -> Result<UserDetail, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    let store = control.store();
    let now = control.now();
    let user = store.user(id).await?.filter(|user| user.is_within(&reach)).ok_or(Error::NotFound)?;
    let all = KeyFilter { owner_id: Some(id.clone()), include_revoked: true, ..KeyFilter::default() };
    let active = KeyFilter { status: Some(KeyStatus::Active), ..all.clone() };
    let (sort, page, keys) = (KeySort::default(), PageRequest::default(), actor.reach(KEYS));
    let one = PageRequest { cursor: None, limit: 1 };
    let scope = UsageScope { user: Some(id.clone()), ..UsageScope::of(reach) };
    let (week, month) = (now.before(DAY * 7), now.before(DAY * 30));
    Ok(UserDetail {
        keys: store.list_keys(&all, sort, &page, &keys, now).await?,
        active_keys: store.list_keys(&active, sort, &one, &keys, now).await?.total,
        last_7d: store.usage_totals(&scope, week, now).await?,
        last_30d: store.usage_totals(&scope, month, now).await?,
        models: store.usage_by_model(&scope, month, now, MODELS).await?,
        managed: mapping::manages(control, id).await?,
        user: user.seen_within(&scope.reach),
    })
}
