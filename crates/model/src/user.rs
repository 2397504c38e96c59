//! Users: accounts of people.

use crate::dashboard::UsageTotals;
use crate::error::FieldError;
use crate::id::{RoleName, TenantId, UserId};
use crate::key::{CutReceipt, KeyView, check_text};
use crate::page::{Page, SortDirection};
use crate::role::{Assignment, BuiltInRole, Reach};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether an account can sign in and its keys work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// What a caller says of a new local user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Display name, 1 to 100 characters.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Global role; `user` when left out.
    #[serde(default)]
    pub role: RoleName,
    /// Organization unit.
    #[serde(default)]
    pub organization_unit: Option<String>,
}

impl NewUser {
    /// What is wrong with these fields by themselves.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", &self.name, 1, 100);
        if !is_email(&self.email) {
            errors.push(FieldError::new("email", "must be an e-mail address such as dev@example.com"));
        }
        if let Some(unit) = &self.organization_unit {
            check_text(&mut errors, "organization_unit", unit, 1, 100);
        }
        errors
    }
}

/// Whether an account is to be Active or Inactive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Inactive: sessions end, and the keys are refused for as long.
    pub status: UserStatus,
    /// Why, for the audit log; up to 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The answer to setting an account Active or Inactive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedUser {
    /// The record as it is now.
    pub user: User,
    /// What was cut.
    pub receipt: CutReceipt,
}

/// Shortest password taken. Length is what counts; there are no rules on character classes (NIST SP 800-63B).
pub const MIN_PASSWORD: usize = 12;
/// Longest password taken, in bytes: hashing is bounded work.
pub const MAX_PASSWORD: usize = 1_024;

/// What is wrong with a new password; `None` when nothing is.
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

/// Which users a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserFilter {
    /// Search text: name or e-mail address.
    pub q: Option<String>,
    /// Global role.
    pub role: Option<RoleName>,
    /// Status.
    pub status: Option<UserStatus>,
    /// Members of this tenant.
    pub tenant_id: Option<TenantId>,
}

/// What a list of users is sorted by. Ties are broken by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserSortField {
    /// Name, folded.
    #[default]
    Name,
    /// E-mail address, folded.
    Email,
    /// When the account was made.
    CreatedAt,
    /// Last sign-in; never comes first when ascending.
    LastSignInAt,
}

/// Order of a list of users. By name when left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSort {
    /// By what.
    pub field: UserSortField,
    /// Which way.
    pub direction: SortDirection,
}

impl UserSort {
    /// From `field` or `-field`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, direction) = SortDirection::split(text);
        let field = match name {
            "name" => UserSortField::Name,
            "email" => UserSortField::Email,
            "created_at" => UserSortField::CreatedAt,
            "last_sign_in_at" => UserSortField::LastSignInAt,
            _ => return None,
        };
        Some(Self { field, direction })
    }

    /// As `field` or `-field`.
    pub fn to_param(self) -> String {
        let name = match self.field {
            UserSortField::Name => "name",
            UserSortField::Email => "email",
            UserSortField::CreatedAt => "created_at",
            UserSortField::LastSignInAt => "last_sign_in_at",
        };
        self.direction.prefix(name)
    }
}

/// A user with their keys and activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    /// The record.
    pub user: User,
    /// Their newest keys, revoked ones too.
    pub keys: Page<KeyView>,
    /// Usage of their keys in the last 30 days.
    pub last_30d: UsageTotals,
}
