//! One operation, at the place that its path names.

use super::{Target, Verb};
use crate::scim::filter::{Filter, Operator};
use crate::scim::schema::{Attribute, Kind, Mutability, Schema, take_attribute};
use crate::scim::{ScimError, ScimType};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

impl Target {
    pub(super) fn is_writable(&self) -> bool {
        let parts = [self.place.attribute, self.place.sub];
        parts.into_iter().flatten().all(|attribute| attribute.mutability != Mutability::ReadOnly)
    }
}

pub(super) fn apply(
    resource: &mut Map<String, Value>,
    verb: Verb,
    target: &Target,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let place = target.place;
    if !target.is_writable() {
        return Err(ScimError::of(ScimType::Mutability, "the attribute is read-only"));
    }
    if verb != Verb::Remove && value.is_none() {
        return Err(ScimError::value("add and replace need a value"));
    }
    let Some(attribute) = place.attribute else {
        return match place.extension {
            Some(extension) => whole_extension(resource, verb, extension, value),
            None => Ok(()),
        };
    };
    let Some(extension) = place.extension else {
        return within(resource, verb, target, attribute, value);
    };
    let mut held = match resource.remove(extension.id) {
        Some(Value::Object(held)) => held,
        _ => Map::new(),
    };
    within(&mut held, verb, target, attribute, value)?;
    if !held.is_empty() {
        resource.insert(extension.id.to_owned(), Value::Object(held));
    }
    Ok(())
}

fn whole_extension(
    resource: &mut Map<String, Value>,
    verb: Verb,
    extension: &'static Schema,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let Some(value) = value.filter(|_| verb != Verb::Remove) else {
        resource.remove(extension.id);
        return Ok(());
    };
    let given = value.as_object().ok_or_else(|| ScimError::value("an extension must be an object"))?;
    for (name, value) in given {
        let known = extension.attributes.iter().find(|known| known.name.eq_ignore_ascii_case(name));
        if let Some(attribute) = known {
            let place = super::Place { extension: Some(extension), attribute: Some(attribute), sub: None };
            apply(resource, verb, &Target { place, selection: None }, Some(value))?;
        }
    }
    Ok(())
}

/// At an attribute of `holder`: the resource, or an extension of it.
fn within(
    holder: &mut Map<String, Value>,
    verb: Verb,
    target: &Target,
    attribute: &'static Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    if attribute.many {
        return in_values(holder, verb, target, attribute, value);
    }
    if let Some(sub) = target.place.sub {
        let mut held = object(holder.remove(attribute.name));
        set(&mut held, verb, sub, value)?;
        put(holder, attribute, (!held.is_empty()).then_some(Value::Object(held)));
        return Ok(());
    }
    match (attribute.kind, verb, value) {
        // Of an attribute with parts, those that aren't named stay.
        (Kind::Complex(_), Verb::Add | Verb::Replace, Some(value)) => {
            let mut held = object(holder.remove(attribute.name));
            let unassigned = value.as_object().map(|parts| {
                let null = parts.iter().filter(|(_, value)| value.is_null());
                null.map(|(name, _)| name.clone()).collect::<Vec<_>>()
            });
            for part in attribute.sub_attributes() {
                if unassigned.iter().flatten().any(|name| name.eq_ignore_ascii_case(part.name)) {
                    held.remove(part.name);
                }
            }
            match take_attribute(attribute, value)? {
                Some(Value::Object(taken)) => held.extend(taken),
                _ if value.is_null() => held.clear(),
                _ => {}
            }
            put(holder, attribute, (!held.is_empty()).then_some(Value::Object(held)));
            Ok(())
        }
        (_, verb, value) => set(holder, verb, attribute, value),
    }
}

fn in_values(
    holder: &mut Map<String, Value>,
    verb: Verb,
    target: &Target,
    attribute: &'static Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let mut held = match holder.remove(attribute.name) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    match (&target.selection, target.place.sub) {
        (None, None) => whole_values(&mut held, verb, attribute, value)?,
        (selection, sub) => {
            selected(&mut held, verb, attribute, (selection.as_ref(), sub), value)?;
        }
    }
    held.retain(|value| value.as_object().is_none_or(|parts| !parts.is_empty()));
    put(holder, attribute, (!held.is_empty()).then_some(Value::Array(held)));
    Ok(())
}

/// Without a selection: all values together.
fn whole_values(
    held: &mut Vec<Value>,
    verb: Verb,
    attribute: &'static Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let taken = match value.map(|value| take_attribute(attribute, value)).transpose()?.flatten() {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    match verb {
        Verb::Replace => {
            held.clear();
            add(held, taken);
        }
        Verb::Add => add(held, taken),
        // Okta and Entra name the values to be removed beside the path.
        Verb::Remove if value.is_some_and(|value| !value.is_null()) => {
            held.retain(|known| !taken.iter().any(|gone| is_same(known, gone)));
        }
        Verb::Remove => held.clear(),
    }
    Ok(())
}

/// Adds what isn't there; a value that becomes the primary one is the only such.
fn add(held: &mut Vec<Value>, taken: Vec<Value>) {
    let mut known: HashMap<String, usize> =
        held.iter().enumerate().map(|(at, value)| (identity(value), at)).collect();
    for value in taken {
        if value["primary"] == Value::Bool(true) {
            unset_primary(held);
        }
        match known.entry(identity(&value)) {
            Entry::Occupied(same) => held[*same.get()] = value,
            Entry::Vacant(free) => {
                free.insert(held.len());
                held.push(value);
            }
        }
    }
}

fn unset_primary(held: &mut [Value]) {
    for value in held.iter_mut().filter_map(Value::as_object_mut) {
        if value.get("primary") == Some(&Value::Bool(true)) {
            value.insert("primary".to_owned(), Value::Bool(false));
        }
    }
}

/// What makes two values the same: `value` with `type`, or all of it.
fn identity(value: &Value) -> String {
    match value.get("value") {
        Some(of) => format!("{of} {}", value.get("type").unwrap_or(&Value::Null)),
        None => value.to_string(),
    }
}

/// As [`identity`]; but where one says no type, the value is enough.
fn is_same(one: &Value, other: &Value) -> bool {
    let typeless = one.get("type").is_none() || other.get("type").is_none();
    match (one.get("value"), other.get("value")) {
        (Some(_), Some(_)) => one["value"] == other["value"] && (typeless || one["type"] == other["type"]),
        _ => one == other,
    }
}

/// The values that a selection finds, or a part of all.
fn selected(
    held: &mut Vec<Value>,
    verb: Verb,
    attribute: &'static Attribute,
    (selection, sub): (Option<&Filter>, Option<&'static Attribute>),
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let fits = |value: &Value| {
        selection.is_none_or(|filter| value.as_object().is_some_and(|value| filter.matches(value)))
    };
    if let (Verb::Remove, None) = (verb, sub) {
        held.retain(|value| !fits(value));
        return Ok(());
    }
    if verb != Verb::Remove && !held.iter().any(fits) {
        // Entra replaces the work address of somebody who has none yet: it is made as the selection says.
        let made = sub.and_then(|_| selection.map_or_else(|| Some(Map::new()), described));
        let made = made.ok_or_else(|| ScimError::of(ScimType::NoTarget, "the path selects no value"))?;
        held.push(Value::Object(made));
    }
    let makes_primary = match (sub, value) {
        (Some(sub), Some(value)) if sub.name == "primary" => {
            take_attribute(sub, value)? == Some(Value::Bool(true))
        }
        (None, Some(value)) => {
            let flag = value.get("primary").cloned().unwrap_or_default();
            flag == Value::Bool(true)
        }
        _ => false,
    };
    let fitting: Vec<usize> = (0..held.len()).filter(|at| fits(&held[*at])).collect();
    // A value that was just made fits by what it is made of, or there is no selection at all.
    let fitting = if fitting.is_empty() && verb != Verb::Remove { vec![held.len() - 1] } else { fitting };
    if makes_primary {
        unset_primary(held);
    }
    for at in fitting {
        let Some(parts) = held[at].as_object_mut() else { continue };
        match (sub, value) {
            (Some(sub), value) => set(parts, verb, sub, value)?,
            (None, Some(value)) => {
                let taken = match take_attribute(attribute, value)? {
                    Some(Value::Array(mut values)) if values.len() == 1 => values.swap_remove(0),
                    _ => return Err(ScimError::value("one value must be given for those selected")),
                };
                if let Value::Object(taken) = taken {
                    parts.extend(taken);
                }
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// The value that a selection describes, if it only says what parts are equal to.
fn described(filter: &Filter) -> Option<Map<String, Value>> {
    match filter {
        Filter::And(all) => all.iter().map(described).try_fold(Map::new(), |mut parts, more| {
            parts.extend(more?);
            Some(parts)
        }),
        Filter::Compare(Some(place), Operator::Eq, value) => {
            let attribute = place.attribute?;
            let taken = take_attribute(attribute, value).ok()??;
            Some(Map::from_iter([(attribute.name.to_owned(), taken)]))
        }
        _ => None,
    }
}

/// Sets or removes an attribute with one value, or a part.
fn set(
    holder: &mut Map<String, Value>,
    verb: Verb,
    attribute: &'static Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let value = value.filter(|_| verb != Verb::Remove);
    let taken = value.map(|value| take_attribute(attribute, value)).transpose()?.flatten();
    put(holder, attribute, taken);
    Ok(())
}

fn put(holder: &mut Map<String, Value>, attribute: &Attribute, value: Option<Value>) {
    match value {
        Some(value) => holder.insert(attribute.name.to_owned(), value),
        None => holder.remove(attribute.name),
    };
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(parts)) => parts,
        _ => Map::new(),
    }
}
