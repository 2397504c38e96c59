//! The order of a list (RFC 7644 §3.4.2.3).

use super::path::{Place, Scope};
use super::schema::{Kind, Schema};
use super::{ScimError, ScimType};
use model::Timestamp;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// `sortBy` with `sortOrder`.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    place: Place,
    descending: bool,
}

impl Sort {
    /// From the two parameters.
    pub fn parse(by: &str, order: Option<&str>, schema: &'static Schema) -> Result<Self, ScimError> {
        let place = Scope::Resource(schema).find(by).filter(|place| place.attribute.is_some());
        let place = place.ok_or_else(|| ScimError::of(ScimType::InvalidPath, "sortBy names no attribute"))?;
        let descending = match order.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(_) => return Err(ScimError::value("sortOrder must be ascending or descending")),
        };
        Ok(Self { place, descending })
    }

    /// Which of two resources comes first. Those without a value come last when ascending.
    pub fn compare(&self, one: &Map<String, Value>, other: &Map<String, Value>) -> Ordering {
        let order = match (self.value(one), self.value(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if self.descending { order.reverse() } else { order }
    }

    /// Of many values the primary one, else the first.
    fn value(&self, resource: &Map<String, Value>) -> Option<String> {
        let primary = match self.place.held(resource) {
            Some(Value::Array(values)) => {
                values.iter().position(|value| value["primary"] == Value::Bool(true)).unwrap_or_default()
            }
            _ => 0,
        };
        let exact = self.place.compared().is_some_and(|attribute| attribute.case_exact);
        let is_time = self.place.compared().is_some_and(|attribute| attribute.kind == Kind::DateTime);
        self.place.values(resource).get(primary).map(|value| match value {
            // As text, a moment with a fraction would come before the whole second.
            Value::String(text) if is_time => Timestamp::parse_rfc3339(text)
                .map_or_else(String::new, |at| format!("{:020}", at.as_micros())),
            Value::String(text) if exact => text.clone(),
            Value::String(text) => text.to_lowercase(),
            other => other.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::USERS;
    use serde_json::json;

    #[test]
    fn without_regard_to_case_and_the_valueless_last() {
        let called = |name: Option<&str>| json!({ "userName": name }).as_object().unwrap().clone();
        let mut all = [called(None), called(Some("b")), called(Some("C")), called(Some("a"))];
        all[0].remove("userName");
        let order = |order| Sort::parse("username", order, &USERS).unwrap();
        let names = |all: &[Map<String, Value>]| {
            all.iter()
                .map(|one| one.get("userName").map_or("-", |name| name.as_str().unwrap()).to_owned())
                .collect::<Vec<_>>()
        };
        all.sort_by(|one, other| order(None).compare(one, other));
        assert_eq!(names(&all), ["a", "b", "C", "-"]);
        all.sort_by(|one, other| order(Some("Descending")).compare(one, other));
        assert_eq!(names(&all), ["-", "C", "b", "a"]);
        assert!(Sort::parse("nothing", None, &USERS).is_err());
        assert!(Sort::parse("userName", Some("sideways"), &USERS).is_err());
    }
}
