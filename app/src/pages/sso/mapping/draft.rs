//! What is typed into the form of the role mapping.

use crate::form::{Reading, joined, shown};
use leptos::prelude::*;
use model::mapping::{ClaimPath, MappingRule, MissingClaim, Operator, Otherwise, RoleMapping};
use model::role::NewAssignment;
use model::{Problem, RoleName};

/// What a claim must be, as the API says it.
const CLAIM: &str = "must be the name of a claim, or a JSON pointer such as /realm_access/roles";

/// One rule, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleDraft {
    /// Tells rows apart while they move.
    pub id: u32,
    /// Identity provider by name; empty: any.
    pub provider: RwSignal<String>,
    /// Which claim.
    pub claim: RwSignal<String>,
    /// How it is compared.
    pub operator: RwSignal<Operator>,
    /// With what.
    pub value: RwSignal<String>,
    /// Role everywhere; empty: none.
    pub role: RwSignal<String>,
    /// Tenants.
    pub tenants: RwSignal<String>,
    /// Roles in tenants: `alpha: model_admin, beta: user_admin`.
    pub assignments: RwSignal<String>,
}

/// What happens when no rule decides a role, but for which role that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fallback {
    /// They keep what they have.
    #[default]
    Keep,
    /// They get a role.
    Role,
    /// They can't sign in.
    Deny,
}

impl Fallback {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Role, Self::Deny];

    /// The word in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Role => "role",
            Self::Deny => "deny",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fallback| fallback.as_str() == text)
    }
}

/// All of it, as text.
#[derive(Clone, Copy)]
pub struct MappingDraft {
    /// The rules, in their order.
    pub rules: RwSignal<Vec<RuleDraft>>,
    /// When no rule decides a role.
    pub otherwise: RwSignal<Fallback>,
    /// The role of [`Fallback::Role`].
    pub otherwise_role: RwSignal<String>,
    /// When no claim is there that the rules look at.
    pub missing_claim: RwSignal<MissingClaim>,
    next: StoredValue<u32>,
}

impl MappingDraft {
    /// Filled with what is saved.
    pub fn of(mapping: &RoleMapping) -> Self {
        let (otherwise, role) = match &mapping.otherwise {
            Otherwise::Keep => (Fallback::Keep, None),
            Otherwise::Role(role) => (Fallback::Role, Some(role)),
            Otherwise::Deny => (Fallback::Deny, None),
        };
        let draft = Self {
            rules: RwSignal::default(),
            otherwise: RwSignal::new(otherwise),
            otherwise_role: RwSignal::new(shown(role)),
            missing_claim: RwSignal::new(mapping.missing_claim),
            next: StoredValue::new(0),
        };
        for rule in &mapping.rules {
            draft.push(rule);
        }
        draft
    }

    /// Another rule at the end, empty; its id.
    pub fn add(self) -> u32 {
        self.insert(RuleDraft {
            id: 0,
            provider: RwSignal::default(),
            claim: RwSignal::default(),
            operator: RwSignal::default(),
            value: RwSignal::default(),
            role: RwSignal::default(),
            tenants: RwSignal::default(),
            assignments: RwSignal::default(),
        })
    }

    fn push(self, rule: &MappingRule) {
        let assignments = rule.assignments.iter().map(|given| format!("{}: {}", given.tenant_id, given.role));
        self.insert(RuleDraft {
            id: 0,
            provider: RwSignal::new(shown(rule.identity_provider.as_ref())),
            claim: RwSignal::new(rule.claim.to_string()),
            operator: RwSignal::new(rule.operator),
            value: RwSignal::new(rule.value.clone()),
            role: RwSignal::new(shown(rule.role.as_ref())),
            tenants: RwSignal::new(joined(&rule.tenants)),
            assignments: RwSignal::new(assignments.collect::<Vec<_>>().join(", ")),
        });
    }

    fn insert(self, rule: RuleDraft) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.rules.update(|rules| rules.push(RuleDraft { id, ..rule }));
        id
    }

    /// Takes a rule away.
    pub fn remove(self, id: u32) {
        self.rules.update(|rules| rules.retain(|rule| rule.id != id));
    }

    /// Moves a rule one place up, or down.
    pub fn shift(self, id: u32, up: bool) {
        self.rules.update(|rules| {
            let at = rules.iter().position(|rule| rule.id == id);
            let to = at.and_then(|at| if up { at.checked_sub(1) } else { Some(at + 1) });
            if let (Some(at), Some(to)) = (at, to.filter(|to| *to < rules.len())) {
                rules.swap(at, to);
            }
        });
    }

    /// The place of a rule, from 0. Follows it.
    pub fn place(self, id: u32) -> usize {
        self.rules.with(|rules| rules.iter().position(|rule| rule.id == id).unwrap_or(0))
    }

    /// The mapping that is asked for. Follows every field.
    pub fn to_mapping(self) -> Result<RoleMapping, Problem> {
        let mut form = Reading::default();
        let drafts = self.rules.get();
        let rules: Vec<_> =
            drafts.iter().enumerate().filter_map(|(at, draft)| draft.read(at, &mut form)).collect();
        let otherwise = match self.otherwise.get() {
            Fallback::Keep => Some(Otherwise::Keep),
            Fallback::Deny => Some(Otherwise::Deny),
            Fallback::Role => {
                chosen(&mut form, "otherwise.role", &self.otherwise_role.read()).map(Otherwise::Role)
            }
        };
        let whole = rules.len() == drafts.len();
        let missing_claim = self.missing_claim.get();
        let mapping = otherwise.map(|otherwise| RoleMapping { rules, otherwise, missing_claim });
        // With a rule left out, the others' places would be wrong.
        if let Some(mapping) = mapping.as_ref().filter(|_| whole) {
            form.also(mapping.check());
        }
        form.done(mapping)
    }
}

impl RuleDraft {
    fn read(self, at: usize, form: &mut Reading) -> Option<MappingRule> {
        let field = |name: &str| format!("rules[{at}].{name}");
        let claim = ClaimPath::parse(self.claim.read().trim());
        if claim.is_none() {
            form.wrong(&field("claim"), CLAIM);
        }
        let operator = self.operator.get();
        // What was typed for another operator isn't sent: the field is out of sight.
        let value = if operator == Operator::Exists { String::new() } else { self.value.get() };
        let role = form.optional(&field("role"), &self.role.read());
        let tenants = form.list(&field("tenants"), &self.tenants.read());
        let assignments = read_assignments(form, &field("assignments"), &self.assignments.read());
        let identity_provider = Some(self.provider.get()).filter(|name| !name.is_empty());
        Some(MappingRule { identity_provider, claim: claim?, operator, value, role, tenants, assignments })
    }
}

/// A role that must be chosen.
fn chosen(form: &mut Reading, field: &str, text: &str) -> Option<RoleName> {
    if text.is_empty() {
        form.wrong(field, "must be chosen");
        return None;
    }
    form.required(field, text)
}

/// `alpha: model_admin, beta: user_admin`.
fn read_assignments(form: &mut Reading, field: &str, text: &str) -> Vec<NewAssignment> {
    let mut list = Vec::new();
    for part in text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let given = part.split_once(':').and_then(|(tenant, role)| {
            Some(NewAssignment { tenant_id: tenant.trim().parse().ok()?, role: role.trim().parse().ok()? })
        });
        match given {
            Some(given) if list.contains(&given) => {}
            Some(given) => list.push(given),
            None => form.wrong(field, format!("“{part}” must be a tenant, a colon and a role")),
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn company() -> RoleMapping {
        serde_json::from_value(json!({
            "rules": [
                { "claim": "groups", "value": "admins", "role": "super_admin", "identity_provider": "okta" },
                { "claim": "/realm_access/roles", "operator": "matches", "value": "team-a*",
                  "tenants": ["alpha", "beta"],
                  "assignments": [{ "tenant_id": "alpha", "role": "model_admin" }] },
                { "claim": "sub", "operator": "exists", "role": "user" },
            ],
            "otherwise": { "type": "role", "role": "user" },
            "missing_claim": "keep",
        }))
        .unwrap()
    }

    #[test]
    fn a_mapping_read_back_from_its_form_is_the_same() {
        let owner = Owner::new();
        owner.set();
        assert_eq!(MappingDraft::of(&company()).to_mapping().unwrap(), company());
        let empty = RoleMapping::default();
        assert_eq!(MappingDraft::of(&empty).to_mapping().unwrap(), empty);
    }

    #[test]
    fn rules_move_and_go() {
        let owner = Owner::new();
        owner.set();
        let draft = MappingDraft::of(&company());
        draft.shift(2, true);
        draft.shift(0, true);
        draft.shift(1, false);
        let claims = || {
            let rules = draft.to_mapping().unwrap().rules;
            rules.into_iter().map(|rule| rule.claim.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(claims(), ["groups", "sub", "/realm_access/roles"]);
        assert_eq!(draft.place(1), 2);
        draft.remove(0);
        assert_eq!(claims(), ["sub", "/realm_access/roles"]);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        let owner = Owner::new();
        owner.set();
        let draft = MappingDraft::of(&company());
        draft.add();
        draft.rules.with_untracked(|rules| {
            rules[0].value.set(String::new());
            rules[1].assignments.set("alpha model_admin".to_owned());
        });
        draft.otherwise_role.set(String::new());
        let problem = draft.to_mapping().unwrap_err();
        assert_eq!(problem.field("rules[3].claim"), Some(CLAIM));
        assert!(problem.field("rules[1].assignments").is_some_and(|text| text.contains("colon")));
        assert_eq!(problem.field("otherwise.role"), Some("must be chosen"));
        draft.remove(3);
        draft.otherwise.set(Fallback::Deny);
        let problem = draft.to_mapping().unwrap_err();
        assert!(problem.field("rules[0].value").is_some());
    }
}
