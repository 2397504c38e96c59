//! Offboarding: what it will take away, and what it took.

use crate::id::{KeyId, ManagementKeyId, ScimClientId};
use crate::key::{CutReceipt, KeyView};
use crate::management_key::ManagementKeyView;
use crate::scim::ScimClient;
use crate::session::SessionView;
use crate::user::{User, UserSource};
use serde::{Deserialize, Serialize};

/// What offboarding somebody will do, and what it leaves for others to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OffboardInventory {
    /// The account, with its tenants and roles.
    pub user: User,
    /// Their keys that aren't revoked: all of them will be.
    pub keys: Vec<KeyView>,
    /// Their management keys that aren't revoked: all of them will be.
    pub management_keys: Vec<ManagementKeyView>,
    /// Clients of the SCIM server that they made and that aren't revoked: all of them will be.
    pub scim_clients: Vec<ScimClient>,
    /// Their sessions: all of them will end.
    pub sessions: Vec<SessionView>,
    /// Links that would let them in (an invitation, a new password): none will work any more.
    pub open_links: u64,
    /// Keys of tenants whose secret they were shown and that still works: nobody's to lose, so each is to be rotated or
    /// revoked by hand.
    pub shown_keys: Vec<KeyView>,
    /// What could give them access again.
    pub regrants: Vec<Regrant>,
}

/// What could give somebody access again after they were offboarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Regrant {
    /// The account comes from an identity provider, where it may go on. Signing in there doesn't set it Active.
    IdentityProvider,
    /// The account is provisioned by SCIM, which can set it Active.
    Scim,
    /// The account keeps its roles, and they count again when somebody sets it Active.
    Roles,
}

impl Regrant {
    /// All that is true of this account.
    pub fn of(user: &User) -> Vec<Self> {
        let source = match user.source {
            UserSource::Local => None,
            UserSource::Sso => Some(Self::IdentityProvider),
            UserSource::Scim => Some(Self::Scim),
        };
        let has_roles = user.role != crate::id::RoleName::default() || !user.assignments.is_empty();
        source.into_iter().chain(has_roles.then_some(Self::Roles)).collect()
    }

    /// For people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::IdentityProvider => {
                "The account comes from an identity provider. Take them out there too; signing in won't set it Active."
            }
            Self::Scim => {
                "The account is provisioned by SCIM. Take them out there too: it can set the account Active."
            }
            Self::Roles => "The account keeps its roles, and they count again if somebody sets it Active.",
        }
    }
}

/// The answer to offboarding somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offboarded {
    /// The record as it is now.
    pub user: User,
    /// Keys that were revoked.
    pub keys_revoked: Vec<KeyId>,
    /// Management keys that were revoked.
    pub management_keys_revoked: Vec<ManagementKeyId>,
    /// Clients of the SCIM server that were revoked.
    pub scim_clients_revoked: Vec<ScimClientId>,
    /// Sessions that were ended.
    pub sessions_ended: u64,
    /// Links that don't work any more.
    pub links_ended: u64,
    /// Keys of tenants whose secret they were shown and that still works.
    pub shown_keys: Vec<KeyView>,
    /// What could give them access again.
    pub regrants: Vec<Regrant>,
    /// What was cut.
    pub receipt: CutReceipt,
}
