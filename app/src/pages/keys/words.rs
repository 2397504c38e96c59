//! A key's bounds in words.

use crate::format::{count, counted};
use model::identity::IdentityRules;
use model::key::{Grace, KeyScope};
use model::limits::RateLimits;

/// How many entries of a list are named in a line.
const NAMED: usize = 3;

/// "600 requests a minute, 1,000,000 tokens a day".
pub fn limits(limits: &RateLimits) -> String {
    let RateLimits {
        requests_per_minute,
        requests_per_day,
        tokens_per_minute,
        tokens_per_day,
        concurrent_requests,
    } = *limits;
    let spoken = |limit: Option<u64>, what: &str| limit.map(|n| format!("{} {what}", count(n)));
    let all: Vec<String> = [
        spoken(requests_per_minute.map(u64::from), "requests a minute"),
        spoken(requests_per_day.map(u64::from), "requests a day"),
        spoken(tokens_per_minute, "tokens a minute"),
        spoken(tokens_per_day, "tokens a day"),
        spoken(concurrent_requests.map(u64::from), "at the same time"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// An allow-list in a line: what `None` means, what an empty one means, or its first entries.
pub fn all_or<T: ToString>(list: Option<&Vec<T>>, all: &str, none: &str) -> String {
    match list {
        None => all.to_owned(),
        Some(list) if list.is_empty() => none.to_owned(),
        Some(list) => some(list),
    }
}

/// "a, b, c and 2 more".
fn some<T: ToString>(list: &[T]) -> String {
    let named: Vec<String> = list.iter().take(NAMED).map(ToString::to_string).collect();
    let more = list.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}

/// What may be called, in a line.
pub fn reach(scope: &KeyScope) -> String {
    let KeyScope {
        allowed_actions,
        allowed_models,
        denied_models,
        allowed_model_labels,
        allowed_providers,
        ..
    } = scope;
    let mut parts = Vec::new();
    if let Some(list) = allowed_actions {
        parts.push(counted(list.len() as u64, "action", "actions"));
    }
    match allowed_models {
        None => {}
        Some(list) if list.is_empty() => parts.push("no model".to_owned()),
        Some(list) => parts.push(some(list)),
    }
    if !denied_models.is_empty() {
        parts.push(format!("not {}", some(denied_models)));
    }
    if let Some(list) = allowed_model_labels {
        parts.push(format!("labelled {}", all_or(Some(list), "", "with none")));
    }
    if let Some(list) = allowed_providers {
        parts.push(format!("at {}", all_or(Some(list), "", "no provider")));
    }
    if parts.is_empty() { "everything that its owner may".to_owned() } else { parts.join("; ") }
}

/// Who may be behind its requests, in a line.
pub fn identity(rules: &IdentityRules) -> String {
    if rules.is_off() {
        return "not asked for".to_owned();
    }
    let by = match (rules.header_mode, rules.jwt.is_some()) {
        (true, true) => "by header or token",
        (true, false) => "by header",
        (false, true) => "by token",
        (false, false) => "by nothing that is set up",
    };
    let need = if rules.enforce { "required" } else { "optional" };
    let domains =
        rules.allowed_domains.as_ref().map(|list| format!(", {}", all_or(Some(list), "", "no domain")));
    format!("{need}, {by}{}", domains.unwrap_or_default())
}

/// How long the old secret works, and what that means.
pub const fn grace(grace: Grace) -> (&'static str, &'static str) {
    match grace {
        Grace::None => {
            ("Not at all", "It is refused at once, and requests that run with it are cut: for a leaked key.")
        }
        Grace::Hour => ("1 hour", "Both work for an hour: for a service that you restart now."),
        Grace::Day => ("24 hours", "Both work for a day: time to roll the new one out."),
        Grace::Week => ("7 days", "Both work for a week: when others have to change it."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_in_a_line() {
        let mut scope = KeyScope::default();
        assert_eq!(reach(&scope), "everything that its owner may");
        scope.allowed_models = Some(["a", "b", "c", "d"].map(|name| name.parse().unwrap()).to_vec());
        scope.denied_models = vec!["a*x".parse().unwrap()];
        scope.allowed_providers = Some(vec![]);
        assert_eq!(reach(&scope), "a, b, c and 1 more; not a*x; at no provider");
        assert_eq!(limits(&scope.rate_limits), "none");
        scope.rate_limits.tokens_per_day = Some(1_000_000);
        scope.rate_limits.concurrent_requests = Some(4);
        assert_eq!(limits(&scope.rate_limits), "1,000,000 tokens a day, 4 at the same time");
    }

    #[test]
    fn identity_in_a_line() {
        let mut rules = IdentityRules::default();
        assert_eq!(identity(&rules), "not asked for");
        rules.header_mode = true;
        rules.allowed_domains = Some(vec!["company.com".into()]);
        assert_eq!(identity(&rules), "optional, by header, company.com");
        rules.enforce = true;
        rules.jwt = Some(model::identity::JwtRules::default());
        assert_eq!(identity(&rules), "required, by header or token, company.com");
    }
}
