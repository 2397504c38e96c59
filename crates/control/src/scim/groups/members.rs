//! Who is in a group: what changes, and what that gives.

use super::apply_mapping;
use crate::Control;
use crate::scim::{Caller, Error};
use identity::scim::ScimError;
use model::ScimGroupId;
use model::UserId;
use model::change::Change;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::Tx;

/// Ids in one audit row.
const SHOWN: usize = 200;

/// What changes in a group's members.
pub(super) struct Difference {
    pub(super) added: Vec<UserId>,
    pub(super) removed: Vec<UserId>,
}

impl Difference {
    /// Between who is in a group and who is to be. Those to be must be accounts of this client.
    pub(super) async fn between(
        tx: &mut Tx,
        caller: &Caller,
        before: &BTreeSet<UserId>,
        wanted: &BTreeSet<String>,
    ) -> Result<Self, Error> {
        let mut after = BTreeSet::new();
        for id in wanted {
            after.insert(id.parse::<UserId>().map_err(|_| unknown(id))?);
        }
        let added: Vec<UserId> = after.difference(before).cloned().collect();
        let known: BTreeSet<UserId> = tx.scim_users_among(caller.id(), &added).await?.into_iter().collect();
        if let Some(missing) = added.iter().find(|id| !known.contains(*id)) {
            return Err(unknown(missing.as_str()));
        }
        Ok(Self { added, removed: before.difference(&after).cloned().collect() })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Writes it.
    pub(super) async fn write(&self, tx: &mut Tx, group: &ScimGroupId) -> Result<(), Error> {
        tx.add_scim_group_members(group, &self.added).await?;
        tx.remove_scim_group_members(group, &self.removed).await?;
        Ok(())
    }

    /// For the audit row.
    pub(super) fn detail(&self) -> Value {
        let shown = |ids: &[UserId]| json!(ids.iter().take(SHOWN).collect::<Vec<_>>());
        json!({
            "added": shown(&self.added),
            "added_count": self.added.len(),
            "removed": shown(&self.removed),
            "removed_count": self.removed.len(),
        })
    }
}

fn unknown(id: &str) -> Error {
    let shown: String = id.chars().filter(|c| !c.is_control()).take(64).collect();
    ScimError::value(format!("there is no user {shown} that could be a member")).into()
}

/// Applies the mapping to accounts whose groups have changed: what it changed, by account, and what the data plane must
/// know of it.
pub(super) async fn mapped(
    control: &Control,
    tx: &mut Tx,
    users: &[UserId],
) -> Result<(Map<String, Value>, Vec<Change>), Error> {
    let groups = tx.scim_groups_of(users).await?;
    let (mut given, mut changes) = (Map::new(), Vec::new());
    for user in users {
        let of_user = groups.get(user).map(Vec::as_slice).unwrap_or_default();
        let names: Vec<String> = of_user.iter().map(|(_, name)| name.clone()).collect();
        if let Some((detail, more)) = apply_mapping(control, tx, user, &names).await? {
            given.insert(user.to_string(), detail);
            changes.extend(more);
            changes.push(Change::User { id: user.clone(), inactive: false });
        }
    }
    Ok((given, changes))
}
