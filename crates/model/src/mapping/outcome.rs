//! What comes out of a mapping.

use super::RoleMapping;
use crate::id::{RoleName, TenantId};
use crate::role::NewAssignment;
use serde::{Deserialize, Serialize};

/// What decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Decision {
    /// A rule.
    Rule {
        /// Its number, from 1.
        number: u32,
    },
    /// No rule did: what is set for that.
    Otherwise,
    /// No claim was there that the rules look at: what is set for that.
    MissingClaim,
    /// There are no rules.
    NoRules,
}

/// What somebody gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// A role and tenants, as the claims say.
    Granted {
        /// What decided the role.
        decided_by: Decision,
        /// The role everywhere; `null`: the one that they have.
        role: Option<RoleName>,
        /// The tenants that they are made members of.
        tenants: Vec<TenantId>,
        /// Their roles in single tenants.
        assignments: Vec<NewAssignment>,
    },
    /// Everything stays as it is.
    Kept {
        /// Why.
        decided_by: Decision,
    },
    /// They can't sign in.
    Denied {
        /// Why.
        decided_by: Decision,
    },
}

/// How one rule read the claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleReading {
    /// Its number, from 1.
    pub number: u32,
    /// Whether it is about this identity provider.
    pub asked: bool,
    /// What the claim says, each entry of a list by itself; `null`: it isn't there. The first 50.
    pub found: Option<Vec<String>>,
    /// Whether it holds.
    pub holds: bool,
}

/// What is tried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SimulationRequest {
    /// The mapping, saved or not; `null`: the one that is saved.
    #[serde(default)]
    pub mapping: Option<RoleMapping>,
    /// The identity provider that would say it, by name; `null`: groups by SCIM.
    #[serde(default)]
    pub identity_provider: Option<String>,
    /// The claims: a JSON object, as text.
    #[cfg_attr(feature = "openapi", schema(max_length = 32768))]
    pub claims: String,
}

/// What would come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Simulation {
    /// What they would get.
    pub outcome: Outcome,
    /// How each rule read the claims.
    pub readings: Vec<RuleReading>,
}
