//! Whether a resource fulfils a filter.

use super::{Filter, Operator};
use crate::scim::path::Place;
use crate::scim::schema::{Attribute, Kind};
use model::Timestamp;
use serde_json::{Map, Value};
use std::cmp::Ordering;

impl Filter {
    /// Whether `resource` (or one value, of a filter on values) fulfils it.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.matches(resource)),
            Self::Or(all) => all.iter().any(|filter| filter.matches(resource)),
            Self::Not(filter) => !filter.matches(resource),
            Self::Present(place) => {
                place.is_some_and(|place| place.values(resource).into_iter().any(is_present))
            }
            Self::Compare(place, operator, value) => compares(place.as_ref(), *operator, value, resource),
            Self::Within(place, filter) => match place.held(resource) {
                Some(Value::Array(values)) => {
                    values.iter().filter_map(Value::as_object).any(|value| filter.matches(value))
                }
                Some(Value::Object(value)) => filter.matches(value),
                _ => false,
            },
        }
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(parts) => !parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compares(
    place: Option<&Place>,
    operator: Operator,
    wanted: &Value,
    resource: &Map<String, Value>,
) -> bool {
    let found = place.map(|place| place.values(resource)).unwrap_or_default();
    let attribute = place.and_then(Place::compared);
    let any = |operator| found.iter().any(|found| compare(attribute, operator, found, wanted));
    match operator {
        Operator::Ne => !compares(place, Operator::Eq, wanted, resource),
        // Unassigned is null.
        Operator::Eq if wanted.is_null() => !found.into_iter().any(is_present),
        operator => any(operator),
    }
}

fn compare(attribute: Option<&'static Attribute>, operator: Operator, found: &Value, wanted: &Value) -> bool {
    let exact = attribute.is_some_and(|attribute| attribute.case_exact);
    let is_time = attribute.is_some_and(|attribute| attribute.kind == Kind::DateTime);
    let order = match (found, wanted) {
        (Value::Bool(found), wanted) => {
            // Entra writes booleans as texts.
            let wanted = match wanted {
                Value::Bool(wanted) => *wanted,
                Value::String(text) if text.eq_ignore_ascii_case("true") => true,
                Value::String(text) if text.eq_ignore_ascii_case("false") => false,
                _ => return false,
            };
            return operator == Operator::Eq && *found == wanted;
        }
        (Value::String(found), Value::String(wanted)) => {
            let times = || Some((Timestamp::parse_rfc3339(found)?, Timestamp::parse_rfc3339(wanted)?));
            if let Some((found, wanted)) = is_time.then(times).flatten() {
                found.cmp(&wanted)
            } else {
                let fold = |text: &str| if exact { text.to_owned() } else { text.to_lowercase() };
                let (found, wanted) = (fold(found), fold(wanted));
                match operator {
                    Operator::Co => return found.contains(&wanted),
                    Operator::Sw => return found.starts_with(&wanted),
                    Operator::Ew => return found.ends_with(&wanted),
                    _ => found.cmp(&wanted),
                }
            }
        }
        (Value::Number(found), Value::Number(wanted)) => match found.as_f64().partial_cmp(&wanted.as_f64()) {
            Some(order) => order,
            None => return false,
        },
        _ => return false,
    };
    match operator {
        Operator::Eq => order == Ordering::Equal,
        Operator::Gt => order == Ordering::Greater,
        Operator::Ge => order != Ordering::Less,
        Operator::Lt => order == Ordering::Less,
        Operator::Le => order != Ordering::Greater,
        Operator::Ne | Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::ScimType;
    use crate::scim::schema::USERS;
    use serde_json::json;

    fn ada() -> Map<String, Value> {
        let ada = json!({
            "id": "usr_8fK2mQ4xR7tB1nZ3",
            "externalId": "00uAbC",
            "userName": "Ada@Example.com",
            "name": { "familyName": "O'Malley", "givenName": "Ada \"A\"" },
            "active": true,
            "title": "",
            "emails": [
                { "value": "ada@work.example", "type": "work", "primary": true },
                { "value": "ada@home.example", "type": "home" },
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R&D" },
            "meta": { "lastModified": "2026-03-18T17:00:00Z" },
        });
        ada.as_object().unwrap().clone()
    }

    fn matches(filter: &str) -> bool {
        Filter::parse(filter, &USERS).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(&ada())
    }

    #[test]
    fn what_matches() {
        for filter in [
            r#"userName eq "ada@example.com""#,
            r#"USERNAME Eq "ADA@example.com""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada""#,
            r#"id eq "usr_8fK2mQ4xR7tB1nZ3""#,
            r#"externalId eq "00uAbC" and active eq true"#,
            r#"active eq "True""#,
            r#"name.familyName co "o'm""#,
            r#"name.givenName eq "ada \"a\"""#,
            r#"emails co "work.example""#,
            r#"emails.type eq "home""#,
            r#"emails[type eq "work" and value co "@work"]"#,
            r#"emails[type eq "work"].value eq "ada@work.example""#,
            r#"emails[primary eq "True"]"#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "r&d""#,
            "title eq null",
            "userName pr",
            "name pr",
            "not (title pr) and not(nickName pr)",
            r#"nickName ne "x""#,
            r#"unknown ne "x""#,
            r#"meta.lastModified gt "2026-03-18T17:59:00+01:00""#,
            r#"meta.lastModified le "2026-03-18T17:00:00.000Z""#,
            r#"title pr or userName ew ".COM" and active eq true"#,
            "(title pr or userName pr) and (active eq True)",
        ] {
            assert!(matches(filter), "{filter}");
        }
    }

    #[test]
    fn what_does_not_match() {
        for filter in [
            r#"userName eq "ada""#,
            r#"id eq "USR_8fK2mQ4xR7tB1nZ3""#,
            r#"externalId eq "00uabc""#,
            "active eq false",
            r#"emails[type eq "home" and value co "@work"]"#,
            "title pr",
            r#"unknown eq "x""#,
            "unknown pr",
            r#"password eq "x""#,
            "userName eq 7",
            "userName co 7",
            r#"meta.lastModified gt "2026-03-18T17:00:00Z""#,
            // `and` binds more than `or`.
            "title pr and userName pr or nickName pr",
        ] {
            assert!(!matches(filter), "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter() {
        let deep = format!("{}userName pr{}", "(".repeat(13), ")".repeat(13));
        let many = vec!["userName pr"; 65].join(" or ");
        let long = format!(r#"userName eq "{}""#, "x".repeat(4_096));
        for filter in [
            "",
            "userName",
            "userName eq",
            "userName eq x",
            r#"userName is "x""#,
            r#"userName eq "x"#,
            r#"userName eq "x" and"#,
            r#"userName eq "x" userName"#,
            r#"(userName eq "x""#,
            r#"userName eq "x")"#,
            r#"eq "x""#,
            r#""userName" eq "x""#,
            "active gt true",
            "userName lt null",
            "nickName[type pr]",
            "emails[type pr",
            "emails[type pr].",
            "emails[emails[type pr]]",
            "not userName pr",
            "userName eq {}",
            "'; DROP TABLE users; --",
            "\u{0}",
            &deep,
            &many,
            &long,
        ] {
            let refused = Filter::parse(filter, &USERS).map(drop).expect_err(filter);
            assert_eq!((refused.status, refused.scim_type), (400, Some(ScimType::InvalidFilter)), "{filter}");
        }
    }

    #[test]
    fn what_an_index_can_find() {
        let demanded =
            |filter: &str, name| Filter::parse(filter, &USERS).unwrap().demanded(name).map(ToOwned::to_owned);
        assert_eq!(demanded(r#"active eq true and USERNAME eq "a""#, "userName").as_deref(), Some("a"));
        for filter in
            [r#"userName eq "a" or active eq true"#, r#"not (userName eq "a")"#, r#"userName co "a""#]
        {
            assert_eq!(demanded(filter, "userName"), None, "{filter}");
        }
    }
}
