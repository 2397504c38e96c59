//! The facts of a row for people: which fields changed from what to what, and what else is known.

use model::audit::{AuditChange, AuditFact};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Fields that differ between `before` and `after`, and everything else in `detail`, each by its path. A row that makes
/// something has no `before`, one that removes something no `after`.
pub fn explain(detail: &str) -> (Vec<AuditChange>, Vec<AuditFact>) {
    let Ok(Value::Object(mut detail)) = serde_json::from_str(detail) else { return Default::default() };
    let mut side = |name: &str| detail.remove(name).map_or_else(BTreeMap::new, |value| leaves("", value));
    let (mut before, mut after) = (side("before"), side("after"));
    let fields: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    let mut changes: Vec<AuditChange> = fields
        .into_iter()
        .filter_map(|field| {
            let (before, after) = (before.remove(&field), after.remove(&field));
            (before != after).then_some(AuditChange { field, before, after })
        })
        .collect();
    changes.sort_by(|one, other| one.field.cmp(&other.field));
    let facts = leaves("", Value::Object(detail)).into_iter();
    (changes, facts.map(|(name, value)| AuditFact { name, value }).collect())
}

/// The values within `value` that are no objects, by their paths; NULL is none.
fn leaves(path: &str, value: Value) -> BTreeMap<String, String> {
    match value {
        Value::Null => BTreeMap::new(),
        Value::Object(fields) => fields_of(path, fields),
        Value::String(text) => BTreeMap::from([(path.to_owned(), text)]),
        other => BTreeMap::from([(path.to_owned(), other.to_string())]),
    }
}

fn fields_of(path: &str, fields: Map<String, Value>) -> BTreeMap<String, String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    fields.into_iter().flat_map(|(name, value)| leaves(&below(&name), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(detail: &str) -> (Vec<String>, Vec<String>) {
        let (changes, facts) = explain(detail);
        let value = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        let change = |c: &AuditChange| format!("{}: {} > {}", c.field, value(&c.before), value(&c.after));
        (
            changes.iter().map(change).collect(),
            facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value)).collect(),
        )
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let (changes, facts) = said(
            r#"{"before":{"name":"a","limits":{"rpm":5,"rpd":null},"same":[1]},
                "after":{"name":"b","limits":{"rpm":5,"rpd":7},"same":[1]},"credential":"kept"}"#,
        );
        assert_eq!(changes, ["limits.rpd: - > 7", "name: a > b"]);
        assert_eq!(facts, ["credential: kept"]);
    }

    #[test]
    fn making_and_removing() {
        assert_eq!(said(r#"{"after":{"name":"b","x":null}}"#).0, ["name: - > b"]);
        assert_eq!(said(r#"{"before":{"on":true}}"#).0, ["on: true > -"]);
        assert_eq!(said(r#"{"receipt":{"nodes":1,"requests_cut":null}}"#).1, ["receipt.nodes: 1"]);
    }

    #[test]
    fn what_is_no_object_says_nothing() {
        for text in ["", "[]", "7", "{", "null"] {
            assert_eq!(said(text), (Vec::new(), Vec::new()), "{text}");
        }
    }
}
