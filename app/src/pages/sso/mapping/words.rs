//! What comes out of a mapping, and how a rule read the claims, in words.

use crate::components::badge::Tone;
use model::mapping::{Decision, Outcome, RuleReading};

/// What somebody would get: how it is meant, and the sentence.
pub fn outcome(outcome: &Outcome) -> (Tone, String) {
    match outcome {
        Outcome::Granted { decided_by, role, tenants, assignments } => {
            let mut parts = vec![match (decided_by, role) {
                (Decision::Rule { number }, Some(role)) => format!("Rule {number} makes them {role}"),
                (_, Some(role)) => format!("No rule decides a role, so they become {role}"),
                (_, None) => {
                    "No rule decides a role: they keep theirs, and a new account gets user".to_owned()
                }
            }];
            if !tenants.is_empty() {
                parts.push(format!("member of {}", listed(tenants)));
            }
            let in_tenants = assignments.iter().map(|given| format!("{} in {}", given.role, given.tenant_id));
            parts.extend(in_tenants);
            (Tone::Good, parts.join("; ") + ".")
        }
        Outcome::Kept { decided_by } => (
            Tone::Quiet,
            format!("{}: everything stays as it is, and a new account gets user.", why(decided_by)),
        ),
        Outcome::Denied { decided_by } => {
            (Tone::Bad, format!("{}: the sign-in is refused.", why(decided_by)))
        }
    }
}

/// What decided, at the beginning of a sentence.
fn why(decided_by: &Decision) -> String {
    match decided_by {
        Decision::Rule { number } => format!("Rule {number} decides"),
        Decision::Otherwise => "No rule decides a role".to_owned(),
        Decision::MissingClaim => "None of the claims is there that the rules look at".to_owned(),
        Decision::NoRules => "No rule is about this identity provider".to_owned(),
    }
}

/// How a rule read the claims: how it is meant, the word, and what the claim says.
pub fn reading(reading: &RuleReading) -> (Tone, &'static str, Option<String>) {
    match &reading.found {
        _ if !reading.asked => (Tone::Quiet, "Not asked: about another provider", None),
        None => (Tone::Warning, "The claim isn't there", None),
        Some(found) => {
            let says = if found.is_empty() {
                "The claim has nothing that can be compared".to_owned()
            } else {
                format!("The claim says {}", found.join(", "))
            };
            let (tone, word) =
                if reading.holds { (Tone::Good, "Holds") } else { (Tone::Quiet, "Doesn't hold") };
            (tone, word, Some(says))
        }
    }
}

/// "a", "a and b", "a, b and c".
fn listed<T: ToString>(list: &[T]) -> String {
    let words: Vec<_> = list.iter().map(ToString::to_string).collect();
    match words.split_last() {
        Some((end, before)) if !before.is_empty() => format!("{} and {end}", before.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn told(value: Value) -> String {
        outcome(&serde_json::from_value(value).unwrap()).1
    }

    fn granted(decided_by: Value, role: Value, tenants: Value, assignments: Value) -> Value {
        json!({ "type": "granted", "decided_by": decided_by, "role": role, "tenants": tenants,
            "assignments": assignments })
    }

    #[test]
    fn outcomes_are_sentences() {
        let rule = json!({ "type": "rule", "number": 2 });
        let other = json!({ "type": "otherwise" });
        assert_eq!(
            told(granted(rule.clone(), json!("user_admin"), json!(["alpha"]), json!([]))),
            "Rule 2 makes them user_admin; member of alpha."
        );
        let given = json!([{ "tenant_id": "alpha", "role": "model_admin" }]);
        assert_eq!(
            told(granted(rule, json!("user"), json!(["alpha", "beta", "gamma"]), given)),
            "Rule 2 makes them user; member of alpha, beta and gamma; model_admin in alpha."
        );
        assert_eq!(
            told(granted(other.clone(), Value::Null, json!([]), json!([]))),
            "No rule decides a role: they keep theirs, and a new account gets user."
        );
        assert_eq!(
            told(json!({ "type": "denied", "decided_by": other })),
            "No rule decides a role: the sign-in is refused."
        );
        assert_eq!(
            told(json!({ "type": "kept", "decided_by": { "type": "no_rules" } })),
            "No rule is about this identity provider: everything stays as it is, and a new account gets user."
        );
    }

    #[test]
    fn each_rule_says_what_it_saw() {
        let read = |asked, found: Option<&[&str]>, holds| {
            let found = found.map(|list| list.iter().map(ToString::to_string).collect());
            reading(&RuleReading { number: 1, asked, found, holds })
        };
        assert_eq!(read(false, None, false).1, "Not asked: about another provider");
        assert_eq!(read(true, None, false).1, "The claim isn't there");
        let (_, word, says) = read(true, Some(&["a", "b"]), true);
        assert_eq!((word, says.as_deref()), ("Holds", Some("The claim says a, b")));
        assert_eq!(read(true, Some(&[]), false).1, "Doesn't hold");
    }
}
