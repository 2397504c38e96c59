//! A group as a resource: what of it counts here, and how it is returned.

use super::user::{Facts, named};
use super::{GROUP, ScimError};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What is kept of a group: all that its schema names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFields {
    /// `displayName`; compared without regard to case.
    pub display_name: String,
    /// The client's own id.
    pub external_id: Option<String>,
    /// The ids of the accounts in it.
    pub members: BTreeSet<String>,
}

impl GroupFields {
    /// From what [`super::schema::Schema::take`] gave.
    pub fn read(attributes: &Map<String, Value>) -> Result<Self, ScimError> {
        let display_name = named(attributes, "displayName")?;
        let members =
            attributes.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            display_name: display_name.ok_or_else(|| ScimError::value("displayName must be given"))?,
            external_id: named(attributes, "externalId")?,
            members: members.iter().map(member).collect::<Result<_, _>>()?,
        })
    }

    /// In the form of [`super::schema::Schema::take`], for operations of PATCH.
    pub fn attributes(&self) -> Map<String, Value> {
        let mut attributes = Map::from_iter([("displayName".to_owned(), json!(self.display_name))]);
        if let Some(external_id) = &self.external_id {
            attributes.insert("externalId".to_owned(), json!(external_id));
        }
        if !self.members.is_empty() {
            let members = self.members.iter().map(|id| json!({ "value": id }));
            attributes.insert("members".to_owned(), members.collect());
        }
        attributes
    }
}

fn member(given: &Value) -> Result<String, ScimError> {
    let kind = given["type"].as_str().unwrap_or("User");
    if !kind.eq_ignore_ascii_case("User") {
        return Err(ScimError::value("members must be users: groups in groups can't be provisioned"));
    }
    let id = given["value"]
        .as_str()
        .ok_or_else(|| ScimError::value("each member must have a value: a user's id"))?;
    Ok(id.to_owned())
}

/// The resource as it is returned, but for addresses, which the edge knows. `members`: the id of each; `None`: they weren't
/// asked for.
pub fn render(fields: &GroupFields, facts: &Facts, members: Option<&[String]>) -> Map<String, Value> {
    let mut resource =
        Map::from_iter([("schemas".to_owned(), json!([GROUP])), ("id".to_owned(), json!(facts.id))]);
    if let Some(external_id) = &fields.external_id {
        resource.insert("externalId".to_owned(), json!(external_id));
    }
    resource.insert("displayName".to_owned(), json!(fields.display_name));
    if let Some(members) = members.filter(|members| !members.is_empty()) {
        let members = members.iter().map(|id| json!({ "value": id, "type": "User" }));
        resource.insert("members".to_owned(), members.collect());
    }
    resource.insert("meta".to_owned(), facts.meta("Group"));
    resource
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::GROUPS;

    fn read(given: Value) -> Result<GroupFields, ScimError> {
        GroupFields::read(&GROUPS.take(&given).unwrap())
    }

    #[test]
    fn members_are_accounts_each_once() {
        let group = read(json!({
            "displayName": "Eng", "externalId": "e",
            "members": [{ "value": "2" }, { "value": "1", "type": "user", "display": "x" }, "2"],
        }))
        .unwrap();
        assert_eq!(group.members, BTreeSet::from(["1".to_owned(), "2".to_owned()]));
        assert_eq!(GroupFields::read(&group.attributes()).unwrap(), group);
        for given in [
            json!({}),
            json!({ "displayName": "" }),
            json!({ "displayName": "x", "members": [{ "value": "1", "type": "Group" }] }),
            json!({ "displayName": "x", "members": [{ "type": "User" }] }),
        ] {
            assert!(read(given.clone()).is_err(), "{given}");
        }
    }
}
