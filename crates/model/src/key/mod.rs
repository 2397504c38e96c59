//! API keys: the credential of the data path.

mod change;
mod check;
mod list;
mod new;
mod record;
mod scope;
mod view;

pub use change::{Grace, KeyChange, RotateKey};
pub use list::{KeyFilter, KeySort, KeySortField, KeyTag};
pub use new::NewKey;
pub use record::{ApiKey, KeySecretRecord};
pub use scope::KeyScope;
pub use view::{
    BULK_REVOKE, CreatedKey, CutReceipt, KeyContext, KeyDetail, KeySecretView, KeyStats, KeyView, RevokedKey,
    RotatedKey,
};

pub use check::{is_tag_name, is_tag_value};

pub(crate) use check::{check_prose, check_text};

use crate::id::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a key may reach by its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// `sk`: everything its tenant may do; at most one active per tenant and environment; owned by the tenant.
    Standard,
    /// `rk`: a chosen subset; as many as wanted.
    #[default]
    Restricted,
}

impl KeyKind {
    /// How a key of this kind begins: `sk` or `rk`.
    pub const fn token_prefix(self) -> &'static str {
        match self {
            Self::Standard => "sk",
            Self::Restricted => "rk",
        }
    }

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Restricted => "restricted",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Standard, Self::Restricted].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Which providers a key reaches: sandbox keys only those marked sandbox, production keys all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// `sand`: only providers marked sandbox.
    Sandbox,
    /// `prod`: every provider.
    #[default]
    Production,
}

impl Environment {
    /// How it is written in a key: `prod` or `sand`.
    pub const fn token_part(self) -> &'static str {
        match self {
            Self::Sandbox => "sand",
            Self::Production => "prod",
        }
    }

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Sandbox, Self::Production].into_iter().find(|environment| environment.as_str() == text)
    }
}

/// Who a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyOwner {
    /// A person; the key works only while they are Active and a member of the key's tenant.
    User(UserId),
    /// The tenant itself: a service key.
    Tenant,
}

impl KeyOwner {
    /// The person, if it is one.
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Tenant => None,
        }
    }
}

/// Whether a key was taken back. There is no way out of `Revoked`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Works until it expires.
    Active,
    /// Taken back for good.
    Revoked {
        /// When.
        at: Timestamp,
        /// By whom (an actor's label, e.g. an e-mail address or `master key`).
        by: String,
        /// Why, as given.
        reason: String,
    },
}

/// What a key's badge says; computed when read, never by a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Works.
    Active,
    /// Past its expiry.
    Expired,
    /// Taken back for good.
    Revoked,
}

impl KeyStatus {
    /// All, in the order in which filters show them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Revoked];

    /// The word in the API and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
        }
    }

    /// From the word in the API and in addresses.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Tags bound to a key by an operator: name to value.
pub type Tags = BTreeMap<String, String>;

/// How long a key that works is unused when it counts as stale; one that was never used, since it was made.
pub const STALE: Duration = Duration::from_hours(90 * 24);

/// How long an expiry counts as near: a second badge says "Expires in 6 days".
pub const EXPIRES_SOON: Duration = Duration::from_hours(7 * 24);
