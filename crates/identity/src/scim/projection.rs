//! `attributes` and `excludedAttributes`: what of a resource is returned (RFC 7644 §3.9).

use super::ScimError;
use super::path::{Place, Scope};
use super::schema::{Returned, Schema};
use serde_json::{Map, Value};

/// What of a resource is returned.
#[derive(Clone, Debug, Default)]
pub enum Projection {
    /// All of it.
    #[default]
    Whole,
    /// Only these, and what is always returned.
    Only(Vec<Place>),
    /// Not these, unless they are always returned.
    Without(Vec<Place>),
}

impl Projection {
    /// From the two parameters, of which only one can be given. Names of nothing are passed over.
    pub fn parse(schema: &'static Schema, of: impl Fn(&str) -> Option<String>) -> Result<Self, ScimError> {
        let places = |text: String| {
            let names = text.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>();
            names.iter().filter_map(|name| Scope::Resource(schema).find(name)).collect::<Vec<_>>()
        };
        match (of("attributes"), of("excludedAttributes")) {
            (Some(_), Some(_)) => {
                Err(ScimError::value("attributes and excludedAttributes exclude each other"))
            }
            (Some(only), None) => Ok(Self::Only(places(only))),
            (None, Some(without)) => Ok(Self::Without(places(without))),
            (None, None) => Ok(Self::Whole),
        }
    }

    /// Whether this attribute of the resource itself is returned, whole or in part: what isn't needn't be looked up.
    pub fn wants(&self, name: &str) -> bool {
        let named = |place: &Place| {
            place.extension.is_none() && place.attribute.is_some_and(|attribute| attribute.name == name)
        };
        match self {
            Self::Whole => true,
            Self::Only(places) => places.iter().any(named),
            Self::Without(places) => !places.iter().any(|place| named(place) && place.sub.is_none()),
        }
    }

    /// What is returned of `resource`.
    pub fn of(&self, resource: Map<String, Value>) -> Map<String, Value> {
        match self {
            Self::Whole => resource,
            Self::Only(places) => {
                let mut kept = Map::new();
                for name in ["schemas", "id"] {
                    if let Some(value) = resource.get(name) {
                        kept.insert(name.to_owned(), value.clone());
                    }
                }
                for place in places {
                    keep(place, &resource, &mut kept);
                }
                kept
            }
            Self::Without(places) => {
                let mut kept = resource;
                for place in places {
                    drop_from(place, &mut kept);
                }
                kept
            }
        }
    }
}

fn keep(place: &Place, from: &Map<String, Value>, to: &mut Map<String, Value>) {
    let Some(extension) = place.extension else {
        return keep_within(place, from, to);
    };
    let Some(Value::Object(from)) = from.get(extension.id) else { return };
    let to = to.entry(extension.id).or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(to) = to else { return };
    match place.attribute {
        None => to.clone_from(from),
        Some(_) => keep_within(place, from, to),
    }
}

fn keep_within(place: &Place, from: &Map<String, Value>, to: &mut Map<String, Value>) {
    let Some(attribute) = place.attribute else { return };
    let Some(value) = from.get(attribute.name) else { return };
    let Some(sub) = place.sub else {
        to.insert(attribute.name.to_owned(), value.clone());
        return;
    };
    let part = |value: &Value| value.get(sub.name).cloned();
    match value {
        Value::Array(values) => {
            let empty = || Value::Array(vec![Value::Object(Map::new()); values.len()]);
            // Several parts of the same values come together in them.
            if let Value::Array(kept) = to.entry(attribute.name).or_insert_with(empty) {
                for (kept, value) in kept.iter_mut().zip(values) {
                    if let (Value::Object(kept), Some(part)) = (kept, part(value)) {
                        kept.insert(sub.name.to_owned(), part);
                    }
                }
            }
        }
        value => {
            let kept = to.entry(attribute.name).or_insert_with(|| Value::Object(Map::new()));
            if let (Value::Object(kept), Some(part)) = (kept, part(value)) {
                kept.insert(sub.name.to_owned(), part);
            }
        }
    }
}

fn drop_from(place: &Place, resource: &mut Map<String, Value>) {
    let within = match place.extension {
        Some(extension) => {
            if place.attribute.is_none() {
                resource.remove(extension.id);
            }
            match resource.get_mut(extension.id) {
                Some(Value::Object(within)) => within,
                _ => return,
            }
        }
        None => resource,
    };
    let Some(attribute) = place.attribute.filter(|attribute| attribute.returned != Returned::Always) else {
        return;
    };
    match (place.sub, within.get_mut(attribute.name)) {
        (None, _) => {
            within.remove(attribute.name);
        }
        (Some(sub), Some(Value::Array(values))) => {
            for value in values.iter_mut().filter_map(Value::as_object_mut) {
                value.remove(sub.name);
            }
        }
        (Some(sub), Some(Value::Object(value))) => {
            value.remove(sub.name);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::ENTERPRISE_USER;
    use crate::scim::schema::USERS;
    use serde_json::json;

    fn projected(name: &str, text: &str) -> Value {
        let resource = json!({
            "schemas": ["x"], "id": "1", "userName": "a", "name": { "familyName": "F", "givenName": "G" },
            "emails": [{ "value": "a@b", "type": "work" }, { "value": "c@d" }],
            ENTERPRISE_USER: { "department": "D", "division": "V" },
        });
        let projection = Projection::parse(&USERS, |asked| (asked == name).then(|| text.to_owned())).unwrap();
        Value::Object(projection.of(resource.as_object().unwrap().clone()))
    }

    #[test]
    fn only_what_is_asked_for_and_what_always_is() {
        assert_eq!(
            projected("attributes", "USERNAME, nothing"),
            json!({ "schemas": ["x"], "id": "1", "userName": "a" })
        );
        assert_eq!(
            projected("attributes", "name.familyName,emails.value,emails.type"),
            json!({
                "schemas": ["x"], "id": "1", "name": { "familyName": "F" },
                "emails": [{ "value": "a@b", "type": "work" }, { "value": "c@d" }],
            })
        );
        let department = format!("{ENTERPRISE_USER}:department");
        assert_eq!(
            projected("attributes", &department),
            json!({ "schemas": ["x"], "id": "1", ENTERPRISE_USER: { "department": "D" } })
        );
    }

    #[test]
    fn without_what_is_excluded_but_with_what_always_is() {
        let left = projected("excludedAttributes", &format!("id,schemas,emails.type,name,{ENTERPRISE_USER}"));
        assert_eq!(
            left,
            json!({ "schemas": ["x"], "id": "1", "userName": "a", "emails": [{ "value": "a@b" }, { "value": "c@d" }] })
        );
    }

    #[test]
    fn what_need_not_be_looked_up() {
        let parse = |name: &'static str, text: &'static str| {
            Projection::parse(&USERS, move |asked| (asked == name).then(|| text.to_owned())).unwrap()
        };
        assert!(!parse("excludedAttributes", "groups").wants("groups"));
        assert!(parse("excludedAttributes", "groups.display").wants("groups"));
        assert!(parse("attributes", "groups.display").wants("groups"));
        assert!(!parse("attributes", "userName").wants("groups") && Projection::Whole.wants("groups"));
    }
}
