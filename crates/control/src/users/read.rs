//! One account with its keys and activity.

use super::READ;
use crate::{Actor, Control, Error};
use model::id::UserId;
use model::key::{KeyFilter, KeySort};
use model::page::PageRequest;
use model::role::{Action, Permission, Resource};
use model::user::UserDetail;
use std::time::Duration;
use store::UsageScope;

const KEYS: Permission = Permission::new(Resource::Keys, Action::Read);

/// One account. Needs `users:read` in one of its tenants; what belongs to other tenants isn't shown. Its keys are shown
/// as far as `keys:read` reaches.
pub async fn read(control: &Control, actor: &Actor, id: &UserId) -> Result<UserDetail, Error> {
    let reach = actor.reach_or_refuse(READ)?;
    let store = control.store();
    let now = control.now();
    let user = store.user(id).await?.filter(|user| user.is_within(&reach)).ok_or(Error::NotFound)?;
    let filter = KeyFilter { owner_id: Some(id.clone()), include_revoked: true, ..KeyFilter::default() };
    let (sort, page, keys) = (KeySort::default(), PageRequest::default(), actor.reach(KEYS));
    let scope = UsageScope { user: Some(id.clone()), ..UsageScope::of(reach) };
    Ok(UserDetail {
        keys: store.list_keys(&filter, sort, &page, &keys, now).await?,
        last_30d: store.usage_totals(&scope, now.before(Duration::from_hours(30 * 24)), now).await?,
        user: user.seen_within(&scope.reach),
    })
}
