//! The change feed: what a node must forget or cut when the control plane changed something.

use crate::id::{KeyId, TenantId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A position in the change feed; grows by one with each change. Zero: before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub i64);

/// Why requests in flight are cut; also the `code` they get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutCause {
    /// The key was revoked.
    KeyRevoked,
    /// The key expired.
    KeyExpired,
    /// The owner was set Inactive.
    OwnerInactive,
    /// The tenant was suspended.
    TenantSuspended,
}

impl CutCause {
    /// The error code of the data path.
    pub const fn code(self) -> &'static str {
        match self {
            Self::KeyRevoked => "key_revoked",
            Self::KeyExpired => "key_expired",
            Self::OwnerInactive => "owner_inactive",
            Self::TenantSuspended => "tenant_suspended",
        }
    }
}

/// One change, as stored in the feed (JSON).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// A key was created or edited: forget its snapshot.
    Key {
        /// Which.
        id: KeyId,
    },
    /// A key was revoked: forget its snapshot and cut its requests.
    KeyRevoked {
        /// Which.
        id: KeyId,
    },
    /// A key got a new secret: forget its snapshot; requests of secrets older than `keep_from` are cut. Those of the
    /// one before it may have a grace.
    KeyRotated {
        /// Which.
        id: KeyId,
        /// The oldest generation that still works.
        keep_from: u32,
    },
    /// A key, or a rotated secret of it, ends sooner than requests that are running were told: they end with it.
    KeyEnds {
        /// Which.
        id: KeyId,
        /// The newest generation that this is about; `None`: the key itself, thus all.
        through: Option<u32>,
        /// When.
        at: Timestamp,
    },
    /// A user changed (role, status, memberships): forget the snapshots of their keys; cut them when `inactive`.
    User {
        /// Which.
        id: UserId,
        /// Whether the user can no longer act.
        inactive: bool,
    },
    /// A tenant changed: forget the snapshots of its keys; cut them when `suspended`.
    Tenant {
        /// Which.
        id: TenantId,
        /// Whether its keys are refused from now on.
        suspended: bool,
    },
    /// Providers or models changed: load the catalog anew.
    Catalog,
    /// Access rules changed: load them anew.
    AccessRules,
}

/// A change with its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Position.
    pub epoch: Epoch,
    /// What changed.
    pub change: Change,
}
