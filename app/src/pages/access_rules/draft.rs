//! What is typed into the form of an access rule.

use crate::components::limits::{self, RATE_LIMITS};
use crate::components::user_picker::PickedUser;
use crate::form::{Reading, changed, joined};
use leptos::prelude::*;
use model::access::{
    AccessRule, AccessRuleChange, AccessRuleView, AccessScope, AccessScopeType, NewAccessRule,
};
use model::{Problem, ProviderName};

/// The fields, as text.
#[derive(Clone, Copy)]
pub struct RuleDraft {
    /// The kind of scope.
    pub kind: RwSignal<AccessScopeType>,
    /// A tenant's slug.
    pub tenant: RwSignal<String>,
    /// A user.
    pub user: PickedUser,
    /// A user path.
    pub path: RwSignal<String>,
    /// Whether only some models are allowed.
    pub some_models: RwSignal<bool>,
    /// Which.
    pub allowed_models: RwSignal<String>,
    /// Models that are never allowed.
    pub denied_models: RwSignal<String>,
    /// Whether only some providers are allowed.
    pub some_providers: RwSignal<bool>,
    /// Which.
    pub allowed_providers: RwSignal<Vec<ProviderName>>,
    /// Limits, in the order of [`RATE_LIMITS`].
    pub limits: [RwSignal<String>; 5],
}

impl RuleDraft {
    /// Nothing typed yet.
    pub fn new() -> Self {
        Self {
            kind: RwSignal::new(AccessScopeType::Tenant),
            tenant: RwSignal::default(),
            user: PickedUser::default(),
            path: RwSignal::default(),
            some_models: RwSignal::new(false),
            allowed_models: RwSignal::default(),
            denied_models: RwSignal::default(),
            some_providers: RwSignal::new(false),
            allowed_providers: RwSignal::default(),
            limits: std::array::from_fn(|_| RwSignal::default()),
        }
    }

    /// Fills it from a rule; empties it without one.
    pub fn fill(self, view: Option<&AccessRuleView>) {
        let rule = view.map(|view| &view.rule);
        let (mut kind, mut tenant, mut user, mut path) =
            (AccessScopeType::Tenant, String::new(), String::new(), String::new());
        match rule.map(|rule| &rule.scope) {
            None => {}
            Some(AccessScope::Tenant(id)) => tenant = id.to_string(),
            Some(AccessScope::User(id)) => {
                kind = AccessScopeType::User;
                user = view.and_then(|view| view.scope_name.clone()).unwrap_or_else(|| id.to_string());
                self.user.people.know(id.clone(), user.clone());
            }
            Some(AccessScope::UserPath(value)) => {
                kind = AccessScopeType::UserPath;
                path = value.to_string();
            }
        }
        self.kind.set(kind);
        self.tenant.set(tenant);
        self.user.typed.set(user);
        self.path.set(path);
        let allowed = rule.and_then(|rule| rule.allowed_models.as_ref());
        self.some_models.set(allowed.is_some());
        self.allowed_models.set(allowed.map(|patterns| joined(patterns)).unwrap_or_default());
        self.denied_models.set(rule.map(|rule| joined(&rule.denied_models)).unwrap_or_default());
        let providers = rule.and_then(|rule| rule.allowed_providers.clone());
        self.some_providers.set(providers.is_some());
        self.allowed_providers.set(providers.unwrap_or_default());
        let limits = rule.map(|rule| rule.rate_limits).unwrap_or_default();
        for (signal, limit) in self.limits.into_iter().zip(limits::shown(&limits)) {
            signal.set(limit);
        }
    }

    /// Ticks or unticks a provider.
    pub fn tick(self, provider: &ProviderName, ticked: bool) {
        self.allowed_providers.update(|chosen| {
            chosen.retain(|name| name != provider);
            if ticked {
                chosen.push(provider.clone());
            }
        });
    }

    /// The rule that is asked for.
    pub fn to_new(self) -> Result<NewAccessRule, Problem> {
        let mut form = Reading::default();
        let scope = self.scope(&mut form);
        let allowed = self
            .some_models
            .get_untracked()
            .then(|| form.list("allowed_models", &self.allowed_models.get_untracked()));
        let denied_models = form.list("denied_models", &self.denied_models.get_untracked());
        let allowed_providers =
            self.some_providers.get_untracked().then(|| self.allowed_providers.get_untracked());
        let rate_limits = limits::read(&mut form, RATE_LIMITS, |nth| self.limits[nth].get_untracked());
        form.done(scope.map(|scope| NewAccessRule {
            scope,
            allowed_models: allowed,
            denied_models,
            allowed_providers,
            rate_limits,
        }))
    }

    /// What of `before` is to change.
    pub fn to_change(self, before: &AccessRule) -> Result<AccessRuleChange, Problem> {
        let after = self.to_new()?;
        Ok(AccessRuleChange {
            scope: changed(&before.scope, after.scope),
            allowed_models: changed(&before.allowed_models, after.allowed_models),
            denied_models: changed(&before.denied_models, after.denied_models),
            allowed_providers: changed(&before.allowed_providers, after.allowed_providers),
            rate_limits: changed(&before.rate_limits, after.rate_limits),
        })
    }

    fn scope(self, form: &mut Reading) -> Option<AccessScope> {
        const FIELD: &str = "scope.value";
        match self.kind.get_untracked() {
            AccessScopeType::Tenant if self.tenant.read_untracked().is_empty() => {
                form.wrong(FIELD, "must be chosen");
                None
            }
            AccessScopeType::Tenant => {
                form.required(FIELD, &self.tenant.get_untracked()).map(AccessScope::Tenant)
            }
            AccessScopeType::UserPath => {
                form.required(FIELD, &self.path.get_untracked()).map(AccessScope::UserPath)
            }
            AccessScopeType::User => {
                let id = self.user.id();
                if id.is_none() {
                    form.wrong(FIELD, "must be the e-mail address of a user: choose one from the list");
                }
                id.map(AccessScope::User)
            }
        }
    }
}

impl Default for RuleDraft {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    #[test]
    fn a_rule_read_back_from_its_form_is_the_same() {
        let owner = Owner::new();
        owner.set();
        let rule: NewAccessRule = serde_json::from_str(
            r#"{"scope":{"type":"user","value":"usr_0123456789abcdef"},"allowed_models":["gpt-4o*","o3"],
                "denied_models":["*-preview"],"allowed_providers":[],
                "rate_limits":{"requests_per_minute":1,"requests_per_day":2,"tokens_per_minute":3,
                "tokens_per_day":4,"concurrent_requests":5}}"#,
        )
        .unwrap();
        let made = Timestamp::parse_rfc3339("2026-11-12T10:00:00Z").unwrap();
        let rule = rule.into_rule("rule_0123456789abcdef".parse().unwrap(), false, made, "olive".to_owned());
        let view = AccessRuleView { rule: rule.clone(), scope_name: Some("Ada@example.com".to_owned()) };
        let draft = RuleDraft::new();
        draft.fill(Some(&view));
        assert_eq!(draft.to_change(&rule).unwrap(), AccessRuleChange::default());

        draft.some_models.set(false);
        assert_eq!(draft.to_change(&rule).unwrap().allowed_models, Some(None));
        draft.user.typed.set("nobody@example.com".to_owned());
        assert!(draft.to_change(&rule).unwrap_err().field("scope.value").is_some());
        draft.fill(None);
        assert!(draft.to_new().unwrap_err().field("scope.value").is_some());
    }
}
