//! Role mapping: what an identity provider says of somebody decides their role and tenants here.
//!
//! The rules are an ordered list. The first that holds and gives a role decides the role; every one that holds gives its
//! tenants. The mapping wins on every sign-in, over what was set by hand. It is resolved in `identity::mapping`.

mod managed;
mod outcome;
mod rule;

pub use managed::Managed;
pub use outcome::{Decision, Outcome, RuleReading, Simulation, SimulationRequest};
pub use rule::{ClaimPath, MappingRule, Operator};

use crate::error::FieldError;
use crate::id::RoleName;
use serde::{Deserialize, Serialize};

/// What happens to somebody whose role no rule decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum Otherwise {
    /// They keep the role that they have; a new account gets `user`.
    #[default]
    Keep,
    /// They get this role.
    Role(RoleName),
    /// They can't sign in.
    Deny,
}

/// What happens when none of the claims is there that the rules look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MissingClaim {
    /// They can't sign in: a provider that forgot its claim says nothing about rights.
    #[default]
    Deny,
    /// Role and tenants stay as they are; a new account gets `user`.
    Keep,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleMapping {
    /// In order. Empty: nothing is mapped, and roles are given by hand.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub rules: Vec<MappingRule>,
    /// When no rule decides a role.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// When no claim is there that the rules look at.
    #[serde(default)]
    pub missing_claim: MissingClaim,
}

impl RoleMapping {
    /// Most rules.
    pub const MAX_RULES: usize = 200;

    /// What is wrong with it by itself. Empty when nothing is.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.rules.len() > Self::MAX_RULES {
            errors.push(FieldError::new("rules", format!("must be at most {}", Self::MAX_RULES)));
        }
        for (at, rule) in self.rules.iter().enumerate() {
            rule.check(&format!("rules[{at}]"), &mut errors);
        }
        errors
    }

    /// The roles that it can give everywhere.
    pub fn roles(&self) -> impl Iterator<Item = &RoleName> {
        let otherwise = match &self.otherwise {
            Otherwise::Role(role) => Some(role),
            Otherwise::Keep | Otherwise::Deny => None,
        };
        self.rules.iter().filter_map(|rule| rule.role.as_ref()).chain(otherwise)
    }
}
