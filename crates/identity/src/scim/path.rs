//! Where an attribute is: `userName`, `name.familyName`, `urn:…:enterprise:2.0:User:manager.value` (RFC 7644 §3.10).

use super::schema::{Attribute, Kind, Schema};
use serde_json::{Map, Value};

/// What names are looked up in.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    /// A resource.
    Resource(&'static Schema),
    /// One value of an attribute that has parts.
    Value(&'static Attribute),
}

/// An attribute's place in a resource, or in one value of an attribute.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The extension that it is in.
    pub extension: Option<&'static Schema>,
    /// The attribute; `None`: the whole extension.
    pub attribute: Option<&'static Attribute>,
    /// A part of it.
    pub sub: Option<&'static Attribute>,
}

impl Scope {
    /// The place that `text` names, in any case; `None`: there is no such attribute.
    pub fn find(self, text: &str) -> Option<Place> {
        let schema = match self {
            Self::Value(attribute) => {
                let part = attribute.sub_attribute(text)?;
                return Some(Place { extension: None, attribute: Some(part), sub: None });
            }
            Self::Resource(schema) => schema,
        };
        if let Some(extension) = schema.extension(text) {
            return Some(Place { extension: Some(extension), attribute: None, sub: None });
        }
        let extended = schema.extensions.iter().find_map(|known| Some((known, within(known, text)?)));
        let (extension, name) = match extended {
            Some((extension, name)) => (Some(extension), name),
            None => (None, within(schema, text).unwrap_or(text)),
        };
        let (name, part) = match name.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (name, None),
        };
        let attribute = match extension {
            Some(extension) => {
                extension.attributes.iter().find(|known| known.name.eq_ignore_ascii_case(name))?
            }
            None => schema.attribute(name)?,
        };
        let sub = match part {
            Some(part) => Some(attribute.sub_attribute(part)?),
            None => None,
        };
        Some(Place { extension, attribute: Some(attribute), sub })
    }
}

/// What follows the schema's URN and a colon.
fn within<'a>(schema: &Schema, text: &'a str) -> Option<&'a str> {
    let (urn, rest) = text.split_at_checked(schema.id.len())?;
    urn.eq_ignore_ascii_case(schema.id).then(|| rest.strip_prefix(':'))?
}

impl Place {
    /// All values there; of a value with parts, its `value`, or itself when it has none.
    pub fn values<'a>(&self, within: &'a Map<String, Value>) -> Vec<&'a Value> {
        let Some(held) = self.held(within) else { return Vec::new() };
        let each: Vec<&Value> = match held {
            Value::Array(values) => values.iter().collect(),
            single => vec![single],
        };
        let part = self.sub.map_or("value", |sub| sub.name);
        let told = |value: &'a Value| match value {
            Value::Object(parts) if self.sub.is_some() || parts.contains_key(part) => parts.get(part),
            value => Some(value),
        };
        each.into_iter().filter_map(told).collect()
    }

    /// What stands at the attribute itself.
    pub fn held<'a>(&self, within: &'a Map<String, Value>) -> Option<&'a Value> {
        let within = match self.extension {
            Some(extension) => within.get(extension.id)?.as_object()?,
            None => within,
        };
        match self.attribute {
            Some(attribute) => within.get(attribute.name),
            None => None,
        }
    }

    /// The attribute whose values [`Self::values`] gives.
    pub fn compared(&self) -> Option<&'static Attribute> {
        let attribute = self.attribute?;
        match (self.sub, attribute.kind) {
            (Some(sub), _) => Some(sub),
            (None, Kind::Complex(_)) => attribute.sub_attribute("value").or(Some(attribute)),
            (None, _) => Some(attribute),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::USERS;

    fn found(text: &str) -> Option<String> {
        let place = Scope::Resource(&USERS).find(text)?;
        let names = [place.attribute, place.sub].into_iter().flatten().map(|attribute| attribute.name);
        Some(
            place
                .extension
                .map(|extension| extension.name)
                .into_iter()
                .chain(names)
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    #[test]
    fn names_in_any_case_with_and_without_their_schema() {
        for (text, place) in [
            ("username", "userName"),
            ("name.FamilyName", "name familyName"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:emails.value", "emails value"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "EnterpriseUser department",
            ),
            (
                "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value",
                "EnterpriseUser manager value",
            ),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "EnterpriseUser"),
            ("meta.lastModified", "meta lastModified"),
            ("id", "id"),
        ] {
            assert_eq!(found(text).as_deref(), Some(place), "{text}");
        }
        for text in
            ["", "nothing", "name.nothing", "userName.x", "name.familyName.x", "urn:other:User:userName", "é"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
