//! Looking at groups.

use super::{found, parse_id};
use crate::Control;
use crate::scim::{Caller, Error, Found, Listed};
use identity::scim::list::Query;
use identity::scim::projection::Projection;
use store::{ScimGroup, ScimGroupKey};

/// One group of this client. Its members are looked up only if `projection` has them.
pub async fn read(
    control: &Control,
    caller: &Caller,
    id: &str,
    projection: &Projection,
) -> Result<Found, Error> {
    caller.may_read()?;
    let id = parse_id(id)?;
    let group = control.store().scim_group(caller.id(), &id).await?.ok_or(crate::Error::NotFound)?;
    whole(control, &group, projection.wants("members")).await
}

/// The groups that match. What an index finds (`displayName`, `externalId`, `id`) is found by it; any other filter and any
/// order looks at all groups of this client.
pub async fn list(control: &Control, caller: &Caller, query: &Query) -> Result<Listed, Error> {
    caller.may_read()?;
    let store = control.store();
    let plain = query.filter.is_none() && query.sort.is_none();
    let (total, groups) = if plain {
        let total = usize::try_from(store.count_scim_groups(caller.id()).await?).unwrap_or(usize::MAX);
        let window = (u64::try_from(query.skip).unwrap_or(u64::MAX), u64::try_from(query.count).unwrap_or(0));
        (total, store.scim_groups(caller.id(), &ScimGroupKey::default(), Some(window)).await?)
    } else {
        let mut groups = matching(control, caller, query).await?;
        let total = groups.len();
        groups = groups.into_iter().skip(query.skip).take(query.count).collect();
        (total, groups)
    };
    let with_members = query.projection.wants("members");
    let mut resources = Vec::with_capacity(groups.len());
    for group in &groups {
        resources.push(whole(control, group, with_members).await?.resource);
    }
    Ok(Listed { total, resources })
}

async fn matching(control: &Control, caller: &Caller, query: &Query) -> Result<Vec<ScimGroup>, Error> {
    let demanded =
        |name| query.filter.as_ref().and_then(|filter| filter.demanded(name)).map(ToOwned::to_owned);
    let key = ScimGroupKey {
        display_name: demanded("displayName"),
        external_id: demanded("externalId"),
        id: demanded("id"),
    };
    let with_members = query.filter.as_ref().is_some_and(|filter| filter.mentions("members"));
    let mut kept = Vec::new();
    for group in control.store().scim_groups(caller.id(), &key, None).await? {
        let resource = whole(control, &group, with_members).await?.resource;
        if query.filter.as_ref().is_none_or(|filter| filter.matches(&resource)) {
            kept.push((resource, group));
        }
    }
    if let Some(sort) = &query.sort {
        kept.sort_by(|(one, _), (other, _)| sort.compare(one, other));
    }
    Ok(kept.into_iter().map(|(_, group)| group).collect())
}

async fn whole(control: &Control, group: &ScimGroup, with_members: bool) -> Result<Found, Error> {
    let members =
        if with_members { Some(control.store().scim_group_members(&group.id).await?) } else { None };
    Ok(found(group, members))
}
