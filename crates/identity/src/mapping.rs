//! Reading claims by a role mapping: a pure function of the rules and of what a provider said.

use model::glob;
use model::id::TenantId;
use model::mapping::{
    ClaimPath, Decision, MappingRule, MissingClaim, Operator, Otherwise, Outcome, RoleMapping, RuleReading,
    Simulation,
};
use model::role::NewAssignment;
use serde_json::Value;

/// Most entries of a claim that are shown.
const SHOWN: usize = 50;

/// What the claims that `provider` made (`None`: groups by SCIM) come to.
pub fn resolve(mapping: &RoleMapping, provider: Option<&str>, claims: &Value) -> Outcome {
    simulate(mapping, provider, claims).outcome
}

/// The same, and how each rule read them.
pub fn simulate(mapping: &RoleMapping, provider: Option<&str>, claims: &Value) -> Simulation {
    let readings: Vec<RuleReading> =
        (1..).zip(&mapping.rules).map(|(number, rule)| read(number, rule, provider, claims)).collect();
    let holding = || mapping.rules.iter().zip(&readings).filter(|(_, reading)| reading.holds);
    let asked = readings.iter().any(|reading| reading.asked);
    let found = readings.iter().any(|reading| reading.asked && reading.found.is_some());
    let deciding = holding().find_map(|(rule, reading)| Some((rule.role.clone()?, reading.number)));
    let (decided_by, role) = match (deciding, &mapping.otherwise) {
        _ if !asked => return kept(Decision::NoRules, readings),
        _ if !found => {
            let decided_by = Decision::MissingClaim;
            return match mapping.missing_claim {
                MissingClaim::Keep => kept(decided_by, readings),
                MissingClaim::Deny => Simulation { outcome: Outcome::Denied { decided_by }, readings },
            };
        }
        (Some((role, number)), _) => (Decision::Rule { number }, Some(role)),
        (None, Otherwise::Role(role)) => (Decision::Otherwise, Some(role.clone())),
        (None, Otherwise::Keep) => (Decision::Otherwise, None),
        (None, Otherwise::Deny) => {
            let decided_by = Decision::Otherwise;
            return Simulation { outcome: Outcome::Denied { decided_by }, readings };
        }
    };
    let mut tenants: Vec<TenantId> = holding().flat_map(|(rule, _)| rule.all_tenants()).cloned().collect();
    tenants.sort();
    tenants.dedup();
    let mut assignments: Vec<NewAssignment> = Vec::new();
    for given in holding().flat_map(|(rule, _)| &rule.assignments) {
        if !assignments.contains(given) {
            assignments.push(given.clone());
        }
    }
    Simulation { outcome: Outcome::Granted { decided_by, role, tenants, assignments }, readings }
}

fn kept(decided_by: Decision, readings: Vec<RuleReading>) -> Simulation {
    Simulation { outcome: Outcome::Kept { decided_by }, readings }
}

fn read(number: u32, rule: &MappingRule, provider: Option<&str>, claims: &Value) -> RuleReading {
    let asked = rule.identity_provider.is_none() || rule.identity_provider.as_deref() == provider;
    let found = asked.then(|| find(&rule.claim, claims)).flatten().map(entries);
    let holds = found.as_ref().is_some_and(|entries| match rule.operator {
        Operator::Exists => true,
        Operator::Equals => entries.contains(&rule.value),
        Operator::Matches => entries.iter().any(|entry| glob::matches(&rule.value, entry)),
    });
    let found = found.map(|mut entries| {
        entries.truncate(SHOWN);
        entries
    });
    RuleReading { number, asked, found, holds }
}

/// The claim; one that is `null` isn't there.
fn find<'a>(path: &ClaimPath, claims: &'a Value) -> Option<&'a Value> {
    let claim = if path.is_pointer() { claims.pointer(path.as_str()) } else { claims.get(path.as_str()) };
    claim.filter(|claim| !claim.is_null())
}

/// A claim as texts. What is neither text, number nor truth can't be compared, and is there all the same.
fn entries(claim: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match claim {
        Value::Array(list) => list.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mapping(rules: Value, otherwise: Value, missing: &str) -> RoleMapping {
        let all = json!({ "rules": rules, "otherwise": otherwise, "missing_claim": missing });
        let mapping: RoleMapping = serde_json::from_value(all).unwrap();
        assert!(mapping.check().is_empty(), "{:?}", mapping.check());
        mapping
    }

    fn outcome(mapping: &RoleMapping, provider: Option<&str>, claims: Value) -> Value {
        serde_json::to_value(resolve(mapping, provider, &claims)).unwrap()
    }

    fn granted(by: Value, role: &str, tenants: Value) -> Value {
        json!({ "type": "granted", "decided_by": by, "role": role, "tenants": tenants, "assignments": [] })
    }

    fn company() -> RoleMapping {
        mapping(
            json!([
                { "claim": "groups", "value": "gw-admins", "role": "super_admin" },
                { "claim": "groups", "operator": "matches", "value": "team-a*", "tenants": ["alpha"] },
                { "claim": "https://gw.example/roles", "value": "billing", "role": "billing_admin" },
                { "claim": "/realm_access/roles", "value": "helpdesk", "role": "user_admin",
                  "tenants": ["alpha", "beta"] },
                { "claim": "groups", "value": "staff", "role": "user", "identity_provider": "okta" },
            ]),
            json!({ "type": "deny" }),
            "deny",
        )
    }

    #[test]
    fn the_first_rule_decides_the_role_and_all_give_tenants() {
        let rule = |number: u32| json!({ "type": "rule", "number": number });
        let table = [
            (json!({ "groups": ["gw-admins"] }), granted(rule(1), "super_admin", json!([]))),
            (json!({ "groups": "gw-admins" }), granted(rule(1), "super_admin", json!([]))),
            (
                json!({ "groups": ["team-alpha", "gw-admins"] }),
                granted(rule(1), "super_admin", json!(["alpha"])),
            ),
            (
                json!({ "https://gw.example/roles": ["billing"] }),
                granted(rule(3), "billing_admin", json!([])),
            ),
            (
                json!({ "realm_access": { "roles": ["helpdesk"] }, "groups": ["team-a"] }),
                granted(rule(4), "user_admin", json!(["alpha", "beta"])),
            ),
            (json!({ "groups": ["staff"] }), granted(rule(5), "user", json!([]))),
        ];
        for (claims, expected) in table {
            assert_eq!(outcome(&company(), Some("okta"), claims.clone()), expected, "{claims}");
        }
    }

    #[test]
    fn what_only_looks_like_a_claim_gives_nothing() {
        let denied = |by: &str| json!({ "type": "denied", "decided_by": { "type": by } });
        for claims in [
            json!({ "groups": ["GW-admins", "gw-admins ", "xgw-admins"] }),
            json!({ "groups": [["gw-admins"], { "gw-admins": true }] }),
            json!({ "groups": "gw-admins,staff" }),
            json!({ "groups": [] }),
            json!({ "groups": { "gw-admins": "gw-admins" } }),
        ] {
            assert_eq!(outcome(&company(), Some("okta"), claims.clone()), denied("otherwise"), "{claims}");
        }
        for claims in [
            json!({}),
            json!({ "groups": null }),
            json!({ "Groups": ["gw-admins"] }),
            // A literal name is never a path.
            json!({ "https://gw": { "example/roles": ["billing"] } }),
            json!({ "/realm_access/roles": ["helpdesk"] }),
            json!([]),
            json!("groups"),
        ] {
            assert_eq!(
                outcome(&company(), Some("okta"), claims.clone()),
                denied("missing_claim"),
                "{claims}"
            );
        }
        // Rules of another provider aren't asked.
        assert_eq!(outcome(&company(), Some("auth0"), json!({ "groups": ["staff"] })), denied("otherwise"));
        assert_eq!(outcome(&company(), None, json!({ "groups": ["staff"] })), denied("otherwise"));
    }

    #[test]
    fn when_nothing_decides() {
        let rules = json!([{ "claim": "n", "value": "7", "role": "user", "identity_provider": "okta" }]);
        let kept = |by: &str| json!({ "type": "kept", "decided_by": { "type": by } });
        let keeps = mapping(rules.clone(), json!({ "type": "keep" }), "keep");
        assert_eq!(outcome(&keeps, Some("okta"), json!({})), kept("missing_claim"));
        assert_eq!(outcome(&keeps, Some("auth0"), json!({ "n": 7 })), kept("no_rules"));
        assert_eq!(outcome(&RoleMapping::default(), Some("okta"), json!({ "n": 7 })), kept("no_rules"));
        let other = json!({ "type": "otherwise" });
        assert_eq!(outcome(&keeps, Some("okta"), json!({ "n": 8 }))["role"], Value::Null);
        let lowest = mapping(rules, json!({ "type": "role", "role": "user" }), "deny");
        assert_eq!(outcome(&lowest, Some("okta"), json!({ "n": 8 })), granted(other, "user", json!([])));
        let rule = json!({ "type": "rule", "number": 1 });
        assert_eq!(outcome(&lowest, Some("okta"), json!({ "n": 7 })), granted(rule, "user", json!([])));
    }

    #[test]
    fn a_simulation_shows_what_each_rule_saw() {
        let many: Vec<_> = (0..80).map(|n| format!("g{n}")).collect();
        let seen = simulate(&company(), None, &json!({ "groups": many }));
        assert_eq!(seen.readings.len(), 5);
        assert_eq!(seen.readings[0].found.as_ref().map(Vec::len), Some(SHOWN));
        assert_eq!((seen.readings[2].found.as_ref(), seen.readings[4].asked), (None, false));
    }
}
