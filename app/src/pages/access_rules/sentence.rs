//! A rule in plain words.

use crate::format::count;
use crate::pages::keys::words::limits;
use model::access::{AccessRule, AccessScope};
use std::fmt::Display;

/// Whom a rule is about: "Tenant Search Lab", "ada@example.com", "/team and below". `name` is what the tenant or the user
/// is called; without one the id stands for it.
pub fn whom(scope: &AccessScope, name: Option<&str>) -> String {
    let name = name.unwrap_or_else(|| scope.value());
    match scope {
        AccessScope::Tenant(_) => format!("Tenant {name}"),
        AccessScope::User(_) => name.to_owned(),
        AccessScope::UserPath(path) => format!("{path} and below"),
    }
}

/// The whole rule: "Everything at and below /team may call gpt-4o* only, at most 600 requests a minute together."
pub fn sentence(rule: &AccessRule, name: Option<&str>) -> String {
    let name = name.unwrap_or_else(|| rule.scope.value());
    let subject = match &rule.scope {
        AccessScope::Tenant(_) => format!("Every key of the tenant {name}"),
        AccessScope::User(_) => format!("Every key of {name}"),
        AccessScope::UserPath(path) => format!("Everything at and below {path}"),
    };
    let by = match rule.allowed_providers.as_deref().map(one_of) {
        None => String::new(),
        Some(Some(names)) => format!(", answered by {names} only"),
        Some(None) => ", but no provider may answer it".to_owned(),
    };
    let at_most = match &rule.rate_limits {
        none if none.is_unlimited() => String::new(),
        some => format!(", at most {} together", limits(some)),
    };
    format!("{subject} may call {}{by}{at_most}.", models(rule))
}

fn models(rule: &AccessRule) -> String {
    let allowed = match &rule.allowed_models {
        None => "every model".to_owned(),
        Some(patterns) => match one_of(patterns) {
            Some(patterns) => format!("{patterns} only"),
            None => return "no model".to_owned(),
        },
    };
    match one_of(&rule.denied_models) {
        Some(denied) if rule.allowed_models.is_none() => format!("{allowed} but {denied}"),
        Some(denied) => format!("{allowed}, and never {denied}"),
        None => allowed,
    }
}

/// "a", "a or b", "a, b or c"; long lists are cut, because the drawer has them whole. Nothing for none.
fn one_of<T: Display>(list: &[T]) -> Option<String> {
    const NAMED: usize = 4;
    let (end, others) = list.split_last()?;
    if others.is_empty() {
        return Some(end.to_string());
    }
    let named = if list.len() > NAMED { &list[..NAMED - 1] } else { others };
    let named = named.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Some(if list.len() > NAMED {
        let more = u64::try_from(list.len() - (NAMED - 1)).unwrap_or(u64::MAX);
        format!("{named} or {} more", count(more))
    } else {
        format!("{named} or {end}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;
    use model::access::NewAccessRule;

    fn said(json: &str, name: Option<&str>) -> String {
        let new: NewAccessRule = serde_json::from_str(json).unwrap();
        let made = Timestamp::parse_rfc3339("2026-11-12T10:00:00Z").unwrap();
        let rule = new.into_rule("rule_0123456789abcdef".parse().unwrap(), false, made, "olive".to_owned());
        sentence(&rule, name)
    }

    #[test]
    fn rules_in_plain_words() {
        let path = r#"{"scope":{"type":"user_path","value":"/team"},"allowed_models":["gpt-4o*"],
            "rate_limits":{"requests_per_minute":600}}"#;
        assert_eq!(
            said(path, None),
            "Everything at and below /team may call gpt-4o* only, at most 600 requests a minute together."
        );
        let tenant = r#"{"scope":{"type":"tenant","value":"lab"},"denied_models":["o3","o1","a*"],
            "allowed_providers":["azure"]}"#;
        assert_eq!(
            said(tenant, Some("Search Lab")),
            "Every key of the tenant Search Lab may call every model but o3, o1 or a*, answered by azure only."
        );
        let user = r#"{"scope":{"type":"user","value":"usr_0123456789abcdef"},"allowed_models":[]}"#;
        assert_eq!(said(user, Some("ada@example.com")), "Every key of ada@example.com may call no model.");
        let many = r#"{"scope":{"type":"tenant","value":"lab"},"allowed_models":["a","b","c","d","e"],
            "denied_models":["ab"],"allowed_providers":[]}"#;
        assert_eq!(
            said(many, None),
            "Every key of the tenant lab may call a, b, c or 2 more only, and never ab, but no provider may answer it."
        );
    }
}
