//! PATCH (RFC 7644 §3.5.2), as Okta and Entra send it: with and without a path, `op` in any case, dotted names as keys
//! of a value, selections that have to be made when nothing fits.

mod apply;

use super::filter::Filter;
use super::path::{Place, Scope};
use super::schema::Schema;
use super::{ScimError, ScimType};
use serde_json::{Map, Value};

/// Most operations in one request.
const MOST: usize = 1_000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// Where an operation acts.
#[derive(Clone, Debug)]
struct Target {
    place: Place,
    /// Which of the attribute's values.
    selection: Option<Filter>,
}

/// Carries out the operations in `body` on `resource`, which has the form of [`Schema::take`]. Either all of them or,
/// when one can't be done, none.
pub fn patch(
    schema: &'static Schema,
    resource: &Map<String, Value>,
    body: &Value,
) -> Result<Map<String, Value>, ScimError> {
    let syntax = |detail: &'static str| ScimError::of(ScimType::InvalidSyntax, detail);
    let operations = field(body, "Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| syntax("the body must have a list of Operations"))?;
    if operations.len() > MOST {
        return Err(ScimError::new(413, format!("at most {MOST} operations are taken at a time")));
    }
    let mut changed = resource.clone();
    for operation in operations {
        let verb =
            match field(operation, "op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("add") => Verb::Add,
                Some("replace") => Verb::Replace,
                Some("remove") => Verb::Remove,
                _ => return Err(syntax("op must be add, replace or remove")),
            };
        let value = field(operation, "value");
        let path = field(operation, "path").filter(|path| !path.is_null());
        match (path, verb, value) {
            (Some(Value::String(path)), verb, value) if !path.trim().is_empty() => {
                let target = Target::parse(path, schema)?;
                apply::apply(&mut changed, verb, &target, value)?;
            }
            (Some(Value::String(_)) | None, Verb::Remove, _) => {
                return Err(ScimError::of(ScimType::NoTarget, "remove needs a path"));
            }
            (Some(Value::String(_)) | None, verb, Some(Value::Object(parts))) => {
                for (path, value) in parts {
                    // What a schema doesn't know is passed over, as it is in a whole resource.
                    if let Ok(target) = Target::parse(path, schema)
                        && target.is_writable()
                    {
                        apply::apply(&mut changed, verb, &target, Some(value))?;
                    }
                }
            }
            (Some(Value::String(_)) | None, ..) => {
                return Err(ScimError::value("without a path the value must be an object"));
            }
            (Some(_), ..) => return Err(ScimError::of(ScimType::InvalidPath, "path must be a string")),
        }
    }
    Ok(changed)
}

/// A field of a message, in any case: Entra's messages have had several.
fn field<'a>(message: &'a Value, name: &str) -> Option<&'a Value> {
    message.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl Target {
    /// `attribute`, `attribute.part`, `attribute[filter]`, `attribute[filter].part`.
    fn parse(path: &str, schema: &'static Schema) -> Result<Self, ScimError> {
        let invalid = || {
            let shown: String = path.chars().take(100).collect();
            ScimError::of(ScimType::InvalidPath, format!("there is no attribute {shown}"))
        };
        let scope = Scope::Resource(schema);
        let path = path.trim();
        let Some((name, rest)) = path.split_once('[') else {
            let place = scope.find(path).ok_or_else(invalid)?;
            return Ok(Self { place, selection: None });
        };
        let (filter, after) = rest.rsplit_once(']').ok_or_else(invalid)?;
        let mut place = scope.find(name).filter(|place| place.sub.is_none()).ok_or_else(invalid)?;
        let attribute = place.attribute.filter(|attribute| attribute.many).ok_or_else(invalid)?;
        let selection = Filter::parse_within(filter, Scope::Value(attribute))
            .map_err(|error| ScimError { scim_type: Some(ScimType::InvalidPath), ..error })?;
        if !after.is_empty() {
            let part = after.strip_prefix('.').and_then(|part| attribute.sub_attribute(part));
            place.sub = Some(part.ok_or_else(invalid)?);
        }
        Ok(Self { place, selection: Some(selection) })
    }
}

#[cfg(test)]
mod tests;
