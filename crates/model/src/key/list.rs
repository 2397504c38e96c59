//! Which keys a list shows, and in which order.

use super::KeyStatus;
use crate::id::{TenantId, UserId};
use crate::page::SortDirection;
use serde::{Deserialize, Serialize};

/// Which keys a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyFilter {
    /// Search text: name, owner's name and e-mail address, prefix.
    pub q: Option<String>,
    /// Badge; `None` shows Active and Expired and counts the hidden Revoked ones.
    pub status: Option<KeyStatus>,
    /// Whether Revoked ones are listed too when `status` is `None`.
    pub include_revoked: bool,
    /// Keys of this user.
    pub owner_id: Option<UserId>,
    /// Keys of this tenant.
    pub tenant_id: Option<TenantId>,
    /// Not used for more than this many days (never used counts from creation).
    pub unused_days: Option<u16>,
}

/// What a list of keys is sorted by. Ties are broken by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySortField {
    /// Name, folded.
    Name,
    /// Time of creation.
    #[default]
    CreatedAt,
    /// Time of last use; never used comes first when ascending.
    LastUsedAt,
}

/// Order of a list of keys; in addresses `last_used_at` or `-last_used_at`. Newest first when left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySort {
    /// By what.
    pub field: KeySortField,
    /// Which way.
    pub direction: SortDirection,
}

impl Default for KeySort {
    fn default() -> Self {
        Self { field: KeySortField::CreatedAt, direction: SortDirection::Descending }
    }
}

impl KeySort {
    /// From `field` or `-field`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, direction) = SortDirection::split(text);
        let field = match name {
            "name" => KeySortField::Name,
            "created_at" => KeySortField::CreatedAt,
            "last_used_at" => KeySortField::LastUsedAt,
            _ => return None,
        };
        Some(Self { field, direction })
    }

    /// As `field` or `-field`.
    pub fn to_param(self) -> String {
        let name = match self.field {
            KeySortField::Name => "name",
            KeySortField::CreatedAt => "created_at",
            KeySortField::LastUsedAt => "last_used_at",
        };
        self.direction.prefix(name)
    }
}
