//! What a client says, in the form in which it is kept.

use super::attribute::{Attribute, Kind, Mutability};
use super::{Schema, attribute as tables};
use crate::scim::ScimError;
use serde_json::{Map, Value};

/// Longest text of an attribute, in bytes; a picture or a certificate may be longer.
const LONGEST: usize = 2_048;
const LONGEST_BINARY: usize = 64 * 1024;

pub(super) fn resource(schema: &Schema, given: &Value) -> Result<Map<String, Value>, ScimError> {
    let given = given.as_object().ok_or_else(|| ScimError::value("a resource must be a JSON object"))?;
    let known: Vec<&Attribute> = tables::COMMON.iter().chain(schema.attributes).collect();
    let mut taken = object(&known, given)?;
    for (name, value) in given {
        if let Some(extension) = schema.extension(name).filter(|_| !value.is_null()) {
            let given = value.as_object().ok_or_else(|| wrong(extension.id, "an object"))?;
            let known: Vec<&Attribute> = extension.attributes.iter().collect();
            let within = object(&known, given)?;
            if !within.is_empty() {
                taken.insert(extension.id.to_owned(), Value::Object(within));
            }
        }
    }
    Ok(taken)
}

/// What `known` names of `given`, in the order of `known`.
fn object(known: &[&Attribute], given: &Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
    let mut taken = Map::new();
    for attribute in known.iter().filter(|attribute| attribute.mutability != Mutability::ReadOnly) {
        let said = given.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute.name));
        if let Some((_, value)) = said
            && let Some(value) = attribute_of(attribute, value)?
        {
            taken.insert(attribute.name.to_owned(), value);
        }
    }
    Ok(taken)
}

/// The value of an attribute; `None`: it is unassigned (`null`, or no values at all).
pub(in crate::scim) fn attribute_of(
    attribute: &Attribute,
    given: &Value,
) -> Result<Option<Value>, ScimError> {
    if !attribute.many {
        return match given {
            // Entra sends a list with one value where there can be one only.
            Value::Array(values) if values.len() == 1 => one(attribute, &values[0]),
            given => one(attribute, given),
        };
    }
    let given = match given {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut values = Vec::with_capacity(given.len());
    for value in given {
        values.extend(one(attribute, value)?);
    }
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

fn one(attribute: &Attribute, given: &Value) -> Result<Option<Value>, ScimError> {
    let taken = match (attribute.kind, given) {
        (_, Value::Null) => return Ok(None),
        (Kind::Complex(known), Value::Object(given)) => {
            let known: Vec<&Attribute> = known.iter().collect();
            let taken = object(&known, given)?;
            return Ok((!taken.is_empty()).then_some(Value::Object(taken)));
        }
        (Kind::Complex(_), Value::String(_)) => match attribute.sub_attribute("value") {
            Some(value) => {
                let taken = one(value, given)?;
                return Ok(taken.map(|taken| Value::Object(Map::from_iter([("value".to_owned(), taken)]))));
            }
            None => return Err(wrong(attribute.name, "an object")),
        },
        (Kind::Complex(_), _) => return Err(wrong(attribute.name, "an object")),
        (Kind::Boolean, Value::Bool(_)) => given.clone(),
        (Kind::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(wrong(attribute.name, "true or false")),
        },
        (Kind::Boolean, _) => return Err(wrong(attribute.name, "true or false")),
        (kind, Value::String(text)) => {
            let longest = if kind == Kind::Binary { LONGEST_BINARY } else { LONGEST };
            if text.len() > longest {
                return Err(ScimError::value(format!(
                    "{} is too long: {longest} bytes at most",
                    attribute.name
                )));
            }
            given.clone()
        }
        _ => return Err(wrong(attribute.name, "a string")),
    };
    Ok(Some(taken))
}

fn wrong(name: &str, must_be: &str) -> ScimError {
    ScimError::value(format!("{name} must be {must_be}"))
}

#[cfg(test)]
mod tests {
    use crate::scim::schema::USERS;
    use serde_json::{Value, json};

    fn taken(given: Value) -> Value {
        Value::Object(USERS.take(&given).unwrap())
    }

    #[test]
    fn what_clients_mean_is_taken() {
        for (given, kept) in [
            (json!({ "USERNAME": "a", "unknown": 1, "password": "secret" }), json!({ "userName": "a" })),
            (json!({ "active": "False" }), json!({ "active": false })),
            (json!({ "active": "TRUE", "displayName": null, "emails": [] }), json!({ "active": true })),
            (json!({ "emails": "a@b" }), json!({ "emails": [{ "value": "a@b" }] })),
            (
                json!({ "emails": { "Value": "a@b", "primary": "true" } }),
                json!({ "emails": [{ "value": "a@b", "primary": true }] }),
            ),
            (json!({ "id": "1", "groups": [{ "value": "x" }], "meta": { "version": "1" } }), json!({})),
            (
                json!({ "urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User": { "manager": "7" } }),
                json!({ "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "7" } } }),
            ),
        ] {
            assert_eq!(taken(given.clone()), kept, "{given}");
        }
    }

    #[test]
    fn what_is_of_another_type_is_refused() {
        for given in [
            json!([]),
            json!({ "userName": 7 }),
            json!({ "userName": ["a", "b"] }),
            json!({ "active": "perhaps" }),
            json!({ "active": 1 }),
            json!({ "name": "Ada" }),
            json!({ "emails": [7] }),
            json!({ "title": "x".repeat(2_049) }),
            json!({ "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": 7 }),
        ] {
            assert!(USERS.take(&given).is_err(), "{given}");
        }
    }
}
