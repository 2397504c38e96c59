//! Whether a key may call a model: the key's own bounds and every rule that is about it, as one pure function. The data
//! plane decides on compiled snapshots; this says the same for pages, and tests hold the two together.

use super::AccessRule;
use crate::api_action::ApiAction;
use crate::catalog::{Model, Provider};
use crate::id::{AccessRuleId, ProviderName};
use crate::key::{Environment, KeyScope};

/// What of a key decides.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Sandbox keys reach sandbox providers only.
    pub environment: Environment,
    /// The key's own bounds.
    pub scope: &'a KeyScope,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may; these of the model's providers may answer, in the order of the targets.
    Permitted(Vec<ProviderName>),
    /// It may not.
    Refused {
        /// Why.
        why: Refusal,
        /// The rule that says so; `None`: the key's own bounds.
        by: Option<AccessRuleId>,
    },
}

/// Why a key may not call a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The key may call nothing that takes a model.
    ActionNotAllowed,
    /// Its name, or all its labels, are not permitted.
    ModelNotAllowed,
    /// No target is left once forbidden providers are skipped.
    ProviderNotAllowed,
    /// A sandbox key, and no target is a sandbox.
    SandboxOnly,
    /// No target's provider exists.
    NoProvider,
}

impl Refusal {
    /// The error code of the data path.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ActionNotAllowed => "action_not_allowed",
            Self::ModelNotAllowed => "model_not_allowed",
            Self::ProviderNotAllowed => "provider_not_allowed",
            Self::SandboxOnly => "sandbox_only",
            Self::NoProvider => "model_not_found",
        }
    }
}

/// Whether a key may call `model`. `rules` are those that are about the key; `providers` are all there are.
pub fn may_call<'a>(
    key: Asking<'_>,
    rules: impl IntoIterator<Item = &'a AccessRule> + Clone,
    model: &Model,
    providers: &[Provider],
) -> Verdict {
    let refused = |why, by: Option<&AccessRule>| Verdict::Refused { why, by: by.map(|rule| rule.id.clone()) };
    // Listing models is the one action that calls none.
    let calls = |actions: &Vec<ApiAction>| actions.iter().any(|action| *action != ApiAction::Models);
    if !key.scope.allowed_actions.as_ref().is_none_or(calls) {
        return refused(Refusal::ActionNotAllowed, None);
    }
    let name = model.name.as_str();
    if !key.scope.permits_model(name, &model.labels) {
        return refused(Refusal::ModelNotAllowed, None);
    }
    if let Some(rule) = rules.clone().into_iter().find(|rule| !rule.permits_model(name)) {
        return refused(Refusal::ModelNotAllowed, Some(rule));
    }
    let mut left: Vec<&Provider> = Vec::with_capacity(model.targets.len());
    for target in &model.targets {
        let found = providers.iter().find(|provider| provider.name == target.provider);
        left.extend(found.filter(|found| !left.iter().any(|known| known.name == found.name)));
    }
    if left.is_empty() {
        return refused(Refusal::NoProvider, None);
    }
    if key.environment == Environment::Sandbox {
        left.retain(|provider| provider.sandbox);
        if left.is_empty() {
            return refused(Refusal::SandboxOnly, None);
        }
    }
    left.retain(|provider| key.scope.permits_provider(&provider.name));
    if left.is_empty() {
        return refused(Refusal::ProviderNotAllowed, None);
    }
    for rule in rules {
        left.retain(|provider| rule.permits_provider(&provider.name));
        if left.is_empty() {
            return refused(Refusal::ProviderNotAllowed, Some(rule));
        }
    }
    Verdict::Permitted(left.into_iter().map(|provider| provider.name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{NewModel, NewProvider};
    use serde_json::{Value, json};

    fn model(targets: &[&str]) -> Model {
        let targets: Vec<_> =
            targets.iter().map(|name| json!({ "provider": name, "upstream_model": "m" })).collect();
        let new = json!({ "name": "gpt-4o-mini", "targets": targets, "labels": ["eu", "cheap"] });
        serde_json::from_value::<NewModel>(new).unwrap().into_model()
    }

    fn providers() -> Vec<Provider> {
        [("a", false), ("b", false), ("box", true)]
            .map(|(name, sandbox)| {
                let new = json!({ "name": name, "kind": "openai", "sandbox": sandbox });
                serde_json::from_value::<NewProvider>(new).unwrap().into_provider().0
            })
            .to_vec()
    }

    fn rule(n: u32, fields: &Value) -> AccessRule {
        let mut rule = json!({
            "id": format!("rule_{n:016}"), "scope": { "type": "tenant", "value": "default" },
            "allowed_models": null, "denied_models": [], "allowed_providers": null, "rate_limits": {},
            "created_at": "2026-01-01T00:00:00Z", "created_by": "x",
        });
        rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(rule).unwrap()
    }

    fn verdict(environment: Environment, scope: Value, rules: &[AccessRule], targets: &[&str]) -> String {
        let scope: KeyScope = serde_json::from_value(scope).unwrap();
        match may_call(Asking { environment, scope: &scope }, rules, &model(targets), &providers()) {
            Verdict::Permitted(left) => left.iter().map(ProviderName::as_str).collect::<Vec<_>>().join(" "),
            Verdict::Refused { why, by: None } => why.code().to_owned(),
            Verdict::Refused { why, by: Some(id) } => format!("{} {}", why.code(), &id.as_str()[20..]),
        }
    }

    #[test]
    fn own_bounds() {
        let own = |scope| verdict(Environment::Production, scope, &[], &["a", "b"]);
        for (scope, expected) in [
            (json!({}), "a b"),
            (json!({ "allowed_models": ["gpt-*"] }), "a b"),
            (json!({ "allowed_models": [] }), "model_not_allowed"),
            (json!({ "allowed_models": ["gpt-4o"] }), "model_not_allowed"),
            (json!({ "allowed_models": ["*"], "denied_models": ["*mini"] }), "model_not_allowed"),
            (json!({ "allowed_model_labels": ["us", "eu"] }), "a b"),
            (json!({ "allowed_model_labels": ["us"] }), "model_not_allowed"),
            (json!({ "allowed_model_labels": ["eu"], "allowed_models": ["x"] }), "model_not_allowed"),
            (json!({ "allowed_providers": ["b", "c"] }), "b"),
            (json!({ "allowed_providers": [] }), "provider_not_allowed"),
            (json!({ "allowed_actions": ["models"] }), "action_not_allowed"),
            (json!({ "allowed_actions": [] }), "action_not_allowed"),
            (json!({ "allowed_actions": ["models", "embeddings"] }), "a b"),
        ] {
            assert_eq!(own(scope.clone()), expected, "{scope}");
        }
    }

    #[test]
    fn sandbox_keys_and_lost_providers() {
        let sandbox = |targets: &[&str]| verdict(Environment::Sandbox, json!({}), &[], targets);
        assert_eq!(sandbox(&["a", "box", "b", "box"]), "box");
        assert_eq!(sandbox(&["a"]), "sandbox_only");
        assert_eq!(verdict(Environment::Production, json!({}), &[], &["gone"]), "model_not_found");
        assert_eq!(verdict(Environment::Production, json!({}), &[], &["gone", "a"]), "a");
    }

    #[test]
    fn all_rules_must_permit() {
        let with = |rules: &[AccessRule]| verdict(Environment::Production, json!({}), rules, &["a", "b"]);
        let only_a = rule(1, &json!({ "allowed_providers": ["a"] }));
        let only_b = rule(2, &json!({ "allowed_providers": ["b"] }));
        let denies = rule(3, &json!({ "denied_models": ["*"], "allowed_models": ["*"] }));
        let others = rule(4, &json!({ "allowed_models": ["claude-*"] }));
        assert_eq!(with(std::slice::from_ref(&only_a)), "a");
        assert_eq!(with(&[only_a.clone(), only_b]), "provider_not_allowed 2");
        assert_eq!(with(&[only_a.clone(), denies]), "model_not_allowed 3");
        assert_eq!(with(&[others, only_a]), "model_not_allowed 4");
    }
}
