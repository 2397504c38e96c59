//! Which users a list shows, and in which order.

use super::{UserSource, UserStatus};
use crate::id::{RoleName, TenantId};
use crate::page::SortDirection;
use serde::{Deserialize, Serialize};

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
    /// Where the account comes from.
    pub source: Option<UserSource>,
    /// Members of this tenant.
    pub tenant_id: Option<TenantId>,
    /// Not signed in for more than this many days (never counts from creation).
    pub unseen_days: Option<u16>,
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
    /// Global role, by its name.
    Role,
    /// Organization unit; none comes first when ascending.
    OrganizationUnit,
    /// Status; Active first when ascending.
    Status,
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

impl UserSortField {
    const ALL: [Self; 7] = [
        Self::Name,
        Self::Email,
        Self::Role,
        Self::OrganizationUnit,
        Self::Status,
        Self::CreatedAt,
        Self::LastSignInAt,
    ];

    /// The name in the API and in addresses.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Role => "role",
            Self::OrganizationUnit => "organization_unit",
            Self::Status => "status",
            Self::CreatedAt => "created_at",
            Self::LastSignInAt => "last_sign_in_at",
        }
    }
}

impl UserSort {
    /// From `field` or `-field`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, direction) = SortDirection::split(text);
        let field = UserSortField::ALL.into_iter().find(|field| field.as_str() == name)?;
        Some(Self { field, direction })
    }

    /// As `field` or `-field`.
    pub fn to_param(self) -> String {
        self.direction.prefix(self.field.as_str())
    }
}
