//! Users: accounts of people.

mod change;
mod detail;
mod list;
mod many;

pub use change::{
    AccountChange, AccountLink, AccountLinkKind, AccountLinkView, NewUser, SwitchedUser, UserChange,
};
pub use detail::{Activity, UserDetail};
pub use list::{UserFilter, UserSort, UserSortField};
pub use many::{MANY_USERS, OffboardMany, OneOfMany, StatusOfMany};

use crate::error::FieldError;
use crate::id::{RoleName, TenantId, UserId};
use crate::role::{Assignment, BuiltInRole, Reach};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether an account can sign in and its keys work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// Can sign in; keys work.
    #[default]
    Active,
    /// Can't sign in; keys are refused.
    Inactive,
}

impl UserStatus {
    /// The word in the database, the API and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }

    /// From the word in the database, the API and addresses.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Inactive].into_iter().find(|status| status.as_str() == text)
    }
}

/// Where an account comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserSource {
    /// Made here, signs in with a password.
    #[default]
    Local,
    /// Made at the first sign-in through an identity provider.
    Sso,
    /// Provisioned by SCIM.
    Scim,
}

impl UserSource {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Sso => "sso",
            Self::Scim => "scim",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Local, Self::Sso, Self::Scim].into_iter().find(|source| source.as_str() == text)
    }
}

/// A user as the store keeps it and the API and pages show it; flat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Display name.
    pub name: String,
    /// E-mail address as given; compared folded.
    pub email: String,
    /// The global role.
    pub role: RoleName,
    /// Organization unit, if any.
    pub organization_unit: Option<String>,
    /// Active or Inactive.
    pub status: UserStatus,
    /// Where the account comes from.
    pub source: UserSource,
    /// Whether a code is asked for after the password.
    pub second_factor: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Last sign-in.
    pub last_sign_in_at: Option<Timestamp>,
    /// The tenants that the user is a member of.
    pub tenant_ids: Vec<TenantId>,
    /// The roles that they have in some of these tenants, beside the global one.
    pub assignments: Vec<Assignment>,
}

impl User {
    /// Whether this is a `super_admin`, Active or not.
    pub fn is_super_admin(&self) -> bool {
        self.role == BuiltInRole::SuperAdmin
    }

    /// Whether the account belongs to a tenant in `reach`.
    pub fn is_within(&self, reach: &Reach) -> bool {
        *reach == Reach::Everywhere || self.tenant_ids.iter().any(|tenant| reach.covers(tenant))
    }

    /// The account as somebody with this reach sees it: without the tenants that they can't see.
    #[must_use]
    pub fn seen_within(mut self, reach: &Reach) -> Self {
        self.tenant_ids.retain(|tenant| reach.covers(tenant));
        self.assignments.retain(|held| held.tenant_id.as_ref().is_some_and(|tenant| reach.covers(tenant)));
        self
    }
}

/// Shortest password taken. Length is what counts; there are no rules on character classes (NIST SP 800-63B).
pub const MIN_PASSWORD: usize = 12;
/// Longest password taken, in bytes: hashing is bounded work.
pub const MAX_PASSWORD: usize = 1_024;

/// What is wrong with the length of a new password; `None` when nothing is. Whether it can be guessed, only the server
/// knows: the lists for that are long.
pub fn check_password(password: &str) -> Option<FieldError> {
    if password.chars().count() < MIN_PASSWORD {
        Some(FieldError::new("password", "must be at least 12 characters"))
    } else if password.len() > MAX_PASSWORD {
        Some(FieldError::new("password", "must be at most 1,024 bytes"))
    } else {
        None
    }
}

/// Whether `text` can be an e-mail address: one `@`, something on each side, no spaces, at most 254 bytes.
/// Whether it exists is only known by writing to it.
pub fn is_email(text: &str) -> bool {
    text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
        })
}

/// The form in which names, e-mail addresses and search texts are compared: lower case, no space at the ends.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
