//! Looking at accounts.

use super::{Groups, found, parse_id};
use crate::Control;
use crate::scim::{Caller, Error, Found, Listed};
use identity::scim::list::Query;
use model::UserId;
use std::collections::BTreeMap;
use store::{ScimUser, ScimUserKey};

/// One account that this client provisions.
pub async fn read(control: &Control, caller: &Caller, id: &str) -> Result<Found, Error> {
    caller.may_read()?;
    let id = parse_id(id)?;
    let user = control.store().scim_user(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    let groups = groups_of(control, &[id]).await?;
    Ok(found(&user, of(&groups, &user)))
}

/// The accounts that match. What an index finds (`userName`, `externalId`, `id`) is found by it; any other filter and any
/// order looks at all accounts of this client.
pub async fn list(control: &Control, caller: &Caller, query: &Query) -> Result<Listed, Error> {
    caller.may_read()?;
    let store = control.store();
    if query.filter.is_none() && query.sort.is_none() {
        let total = usize::try_from(store.count_scim_users(caller.id()).await?).unwrap_or(usize::MAX);
        let window = (u64::try_from(query.skip).unwrap_or(u64::MAX), u64::try_from(query.count).unwrap_or(0));
        let users = store.scim_users(caller.id(), &ScimUserKey::default(), Some(window)).await?;
        return Ok(Listed { total, resources: whole(control, query, users).await? });
    }
    let demanded =
        |name| query.filter.as_ref().and_then(|filter| filter.demanded(name)).map(ToOwned::to_owned);
    let key = ScimUserKey {
        user_name: demanded("userName"),
        external_id: demanded("externalId"),
        id: demanded("id"),
    };
    let mut users = store.scim_users(caller.id(), &key, None).await?;
    if let Some(filter) = &query.filter {
        let groups =
            if filter.mentions("groups") { groups_of(control, &ids(&users)).await? } else { BTreeMap::new() };
        users.retain(|user| filter.matches(&found(user, of(&groups, user)).resource));
    }
    if let Some(sort) = &query.sort {
        let mut keyed: Vec<_> = users.into_iter().map(|user| (found(&user, &[]).resource, user)).collect();
        keyed.sort_by(|(one, _), (other, _)| sort.compare(one, other));
        users = keyed.into_iter().map(|(_, user)| user).collect();
    }
    let total = users.len();
    let page = users.into_iter().skip(query.skip).take(query.count).collect();
    Ok(Listed { total, resources: whole(control, query, page).await? })
}

async fn whole(
    control: &Control,
    query: &Query,
    users: Vec<ScimUser>,
) -> Result<Vec<serde_json::Map<String, serde_json::Value>>, Error> {
    let groups = if query.projection.wants("groups") {
        groups_of(control, &ids(&users)).await?
    } else {
        BTreeMap::new()
    };
    Ok(users.iter().map(|user| found(user, of(&groups, user)).resource).collect())
}

fn ids(users: &[ScimUser]) -> Vec<UserId> {
    users.iter().map(|user| user.user_id.clone()).collect()
}

type GroupsOf = BTreeMap<UserId, Vec<(String, String)>>;

pub(super) async fn groups_of(control: &Control, users: &[UserId]) -> Result<GroupsOf, Error> {
    let groups = control.store().scim_groups_of(users).await?;
    let named = |(id, name): (model::ScimGroupId, String)| (id.to_string(), name);
    Ok(groups.into_iter().map(|(user, groups)| (user, groups.into_iter().map(named).collect())).collect())
}

pub(super) fn of<'a>(groups: &'a GroupsOf, user: &ScimUser) -> &'a Groups {
    groups.get(&user.user_id).map(Vec::as_slice).unwrap_or_default()
}
