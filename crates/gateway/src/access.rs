//! Access rules, compiled: which rules are about a key, and what all of them together permit.

use crate::catalog::{Route, Target};
use crate::limits::{Counters, Scope, ScopeId};
use crate::policy::KeyPolicy;
use model::access::{AccessRule, AccessScope};
use model::id::{ModelPattern, TenantId, UserId};
use model::key::Environment;
use std::collections::HashMap;
use std::sync::Arc;

/// All rules. Replaced as a whole by [`crate::Gateway::set_access_rules`].
#[derive(Default)]
pub(crate) struct AccessRules {
    of_tenants: HashMap<TenantId, Vec<Rule>>,
    of_users: HashMap<UserId, Vec<Rule>>,
    below_paths: HashMap<String, Vec<Rule>>,
}

pub(crate) struct Rule {
    pub(crate) rule: AccessRule,
    /// The counters that all requests share that it is about; `None`: it limits nothing.
    pub(crate) scope: Option<Arc<Scope>>,
}

impl AccessRules {
    pub(crate) fn compile(rules: Vec<AccessRule>, counters: &Counters) -> Self {
        let mut all = Self::default();
        for rule in rules {
            let scope = counters.of(ScopeId::Rule(rule.id.clone()), &rule.rate_limits);
            let list = match &rule.scope {
                AccessScope::Tenant(id) => all.of_tenants.entry(id.clone()).or_default(),
                AccessScope::User(id) => all.of_users.entry(id.clone()).or_default(),
                AccessScope::UserPath(path) => all.below_paths.entry(path.as_str().to_owned()).or_default(),
            };
            list.push(Rule { rule, scope });
        }
        all
    }

    /// The rules about a key: of its tenant, of its owner, and of its user path and all above.
    pub(crate) fn about(&self, policy: &KeyPolicy) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = Vec::new();
        if !self.of_tenants.is_empty() {
            rules.extend(self.of_tenants.get(&policy.key.tenant_id).into_iter().flatten());
        }
        if !self.of_users.is_empty()
            && let Some(owner) = policy.key.owner.user_id()
        {
            rules.extend(self.of_users.get(owner).into_iter().flatten());
        }
        if !self.below_paths.is_empty()
            && let Some(path) = &policy.key.user_path
        {
            rules.extend(path.with_ancestors().filter_map(|path| self.below_paths.get(path)).flatten());
        }
        rules
    }
}

/// What a key may call: its own scope, cut down to every rule about it.
pub(crate) struct Bounds<'a> {
    pub(crate) policy: &'a KeyPolicy,
    pub(crate) rules: &'a [&'a Rule],
}

impl Bounds<'_> {
    /// Whether the model's name and labels are permitted.
    pub(crate) fn permits_model(&self, route: &Route) -> bool {
        let name = route.name.as_str();
        let scope = &self.policy.shape.scope;
        let labelled = |labels: &Vec<_>| route.labels.iter().any(|label| labels.contains(label));
        permits(scope.allowed_models.as_deref(), &scope.denied_models, name)
            && scope.allowed_model_labels.as_ref().is_none_or(labelled)
            && self
                .rules
                .iter()
                .all(|Rule { rule, .. }| permits(rule.allowed_models.as_deref(), &rule.denied_models, name))
    }

    /// Whether there is any model or provider that they keep away.
    pub(crate) fn bind(&self) -> bool {
        let key = &self.policy.key;
        let scope = &self.policy.shape.scope;
        key.environment == Environment::Sandbox
            || scope.allowed_models.is_some()
            || scope.allowed_model_labels.is_some()
            || scope.allowed_providers.is_some()
            || !scope.denied_models.is_empty()
            || self.rules.iter().any(|Rule { rule, .. }| {
                rule.allowed_models.is_some()
                    || rule.allowed_providers.is_some()
                    || !rule.denied_models.is_empty()
            })
    }

    /// Whether the key's environment reaches the target's provider.
    pub(crate) fn reaches(&self, target: &Target) -> bool {
        self.policy.key.environment == Environment::Production || target.upstream.sandbox
    }

    /// Whether the target's provider is permitted.
    pub(crate) fn permits_target(&self, target: &Target) -> bool {
        let name = &target.upstream.name;
        self.reaches(target)
            && self.policy.shape.scope.allowed_providers.as_ref().is_none_or(|list| list.contains(name))
            && self.rules.iter().all(|Rule { rule, .. }| {
                rule.allowed_providers.as_ref().is_none_or(|list| list.contains(name))
            })
    }

    /// Whether the key may call the model at all.
    pub(crate) fn permits_call(&self, route: &Route) -> bool {
        self.permits_model(route) && route.targets.iter().any(|target| self.permits_target(target))
    }
}

/// Deny wins.
fn permits(allowed: Option<&[ModelPattern]>, denied: &[ModelPattern], name: &str) -> bool {
    let matches = |pattern: &ModelPattern| pattern.matches(name);
    allowed.is_none_or(|patterns| patterns.iter().any(matches)) && !denied.iter().any(matches)
}
