//! The types of the API as schemas of the document.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::{RefOr, schema::Schema};
use utoipa::{PartialSchema, ToSchema};

/// Schemas under their names, each a JSON Schema of 2020-12.
pub(super) type Schemas = BTreeMap<String, Value>;

type Found = Vec<(String, RefOr<Schema>)>;

/// A type: its name in the document, and how it and all below it are found.
pub(super) struct Shape {
    pub(super) name: String,
    find: fn(&mut Found),
}

impl Shape {
    /// Of a type.
    pub(super) fn of<T: ToSchema>() -> Self {
        let find = |found: &mut Found| {
            found.push((T::name().into_owned(), T::schema()));
            T::schemas(found);
        };
        Self { name: T::name().into_owned(), find }
    }

    /// Of a page of a list.
    pub(super) fn page_of<T: ToSchema>() -> Self {
        let find = |found: &mut Found| {
            found.push((page_name::<T>(), model::Page::<T>::schema()));
            found.push((T::name().into_owned(), T::schema()));
            T::schemas(found);
            found.push((model::Total::name().into_owned(), model::Total::schema()));
        };
        Self { name: page_name::<T>(), find }
    }

    /// Adds it and all below it; refers to it.
    pub(super) fn add_to(&self, schemas: &mut Schemas) -> Value {
        let mut found = Found::new();
        (self.find)(&mut found);
        for (name, schema) in found {
            if let Ok(mut schema) = serde_json::to_value(schema) {
                tidy(&mut schema);
                schemas.entry(name).or_insert(schema);
            }
        }
        refer(&self.name)
    }
}

fn page_name<T: ToSchema>() -> String {
    format!("PageOf{}", T::name())
}

/// Says in the words of JSON what the types' own documentation says in those of Rust. A default of `null` only says that a
/// field may be left out, which it does already.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.retain(|name, value| name != "default" || !value.is_null());
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text =
                    text.replace('\n', " ").replace("`None`", "`null`").replace("[`", "`").replace("`]", "`");
            }
            fields.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

const PREFIX: &str = "#/components/schemas/";

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("{PREFIX}{name}") })
}

/// The schema that `value` refers to, if it does.
pub(super) fn referred<'a>(value: &Value, schemas: &'a Schemas) -> Option<&'a Value> {
    schemas.get(name_of(value)?)
}

/// The name that `value` refers to, if it does.
pub(super) fn name_of(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.strip_prefix(PREFIX)
}

/// Makes one object of what serde flattens into one: `allOf` says the same, but lets nobody close it.
pub(super) fn flatten(schemas: &mut Schemas) {
    let split: Vec<_> = schemas
        .iter()
        .filter(|(_, schema)| schema["allOf"].is_array())
        .map(|(name, _)| name.clone())
        .collect();
    for name in split {
        let whole = merged(&schemas[&name], schemas);
        schemas.insert(name, whole);
    }
}

fn merged(schema: &Value, schemas: &Schemas) -> Value {
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let (mut properties, mut required) = (Map::new(), BTreeSet::new());
    for part in parts {
        let part = merged(referred(part, schemas).unwrap_or(part), schemas);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(
            part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned),
        );
    }
    let mut whole = json!({ "type": "object", "properties": properties, "required": required });
    if let Some(description) = schema.get("description") {
        whole["description"] = description.clone();
    }
    whole
}

/// Says of every object in a request that it takes no field beside those it names.
pub(super) fn close(requests: &[Value], schemas: &mut Schemas) {
    for name in reachable(requests.iter(), schemas) {
        if let Some(schema) = schemas.get_mut(&name) {
            close_objects(schema);
        }
    }
}

fn close_objects(schema: &mut Value) {
    if let Value::Object(fields) = schema
        && fields.contains_key("properties")
        && !fields.contains_key("additionalProperties")
    {
        fields.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(close_objects),
        Value::Array(items) => items.iter_mut().for_each(close_objects),
        _ => {}
    }
}

/// Leaves only what is referred to from `roots`.
pub(super) fn prune(roots: &Value, schemas: &mut Schemas) {
    let used = reachable(std::iter::once(roots), schemas);
    schemas.retain(|name, _| used.contains(name));
}

fn reachable<'a>(roots: impl Iterator<Item = &'a Value>, schemas: &Schemas) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    roots.for_each(|root| names_in(root, &mut open));
    while let Some(name) = open.pop() {
        if let Some(schema) = schemas.get(&name)
            && used.insert(name)
        {
            names_in(schema, &mut open);
        }
    }
    used
}

fn names_in(value: &Value, names: &mut Vec<String>) {
    names.extend(name_of(value).map(str::to_owned));
    match value {
        Value::Object(fields) => fields.values().for_each(|field| names_in(field, names)),
        Value::Array(items) => items.iter().for_each(|item| names_in(item, names)),
        _ => {}
    }
}
