//! Tenants: a team, customer or environment.

use crate::error::FieldError;
use crate::id::TenantId;
use crate::key::check_text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a tenant's keys work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// Keys work.
    #[default]
    Active,
    /// Keys are refused.
    Suspended,
}

impl TenantStatus {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|status| status.as_str() == text)
    }
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Slug, given by the caller.
    pub id: TenantId,
    /// Display name.
    pub name: String,
    /// Active or Suspended.
    pub status: TenantStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a caller says of a new tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Slug; can never be changed or reused.
    pub id: TenantId,
    /// Display name, 1 to 100 characters.
    pub name: String,
}

impl NewTenant {
    /// What is wrong with these fields by themselves.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", &self.name, 1, 100);
        errors
    }
}
