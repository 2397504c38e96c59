//! Which keys a list shows, and in which order.

use super::{Environment, KeyKind, KeyStatus, is_tag_name, is_tag_value};
use crate::id::{TenantId, UserId};
use crate::page::SortDirection;
use serde::{Deserialize, Serialize};
use std::fmt;

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
    /// Active, and expiring within this many days.
    pub expiring_days: Option<u16>,
    /// Standard or restricted.
    pub kind: Option<KeyKind>,
    /// Sandbox or production.
    pub environment: Option<Environment>,
    /// Only keys whose owner is Inactive.
    pub owner_inactive: bool,
    /// Keys with this tag.
    pub tag: Option<KeyTag>,
}

/// A tag that keys are looked for by; in addresses `name=value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTag {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

impl KeyTag {
    /// From `name=value`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once('=')?;
        let valid = is_tag_name(name) && is_tag_value(value);
        valid.then(|| Self { name: name.to_owned(), value: value.to_owned() })
    }
}

impl fmt::Display for KeyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
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
    /// Expiry; never comes last when ascending.
    ExpiresAt,
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
            "expires_at" => KeySortField::ExpiresAt,
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
            KeySortField::ExpiresAt => "expires_at",
        };
        self.direction.prefix(name)
    }
}
