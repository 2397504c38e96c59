//! SCIM as its administrators see it: the clients that may provision accounts, and the log of what they did.

use crate::error::FieldError;
use crate::id::{ProvisioningId, ScimClientId, UserId};
use crate::key::check_text;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A client of the SCIM server (an identity provider's provisioning), without its token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScimClient {
    /// Its id, with which its token begins: `scim_7Hq2xV9mLw4T`.
    pub id: ScimClientId,
    /// Says which identity provider uses it.
    pub name: String,
    /// Whether it may take over an account that is there already, by its e-mail address.
    pub adopt_existing: bool,
    /// Whose rights bound it, and with whose leaving it ends; `None`: it was made with the master key or on the
    /// command line.
    pub creator_id: Option<UserId>,
    /// By whom it was made, for people.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last call that it authenticated, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom it was revoked.
    pub revoked_by: Option<String>,
    /// Why it was revoked.
    pub revoke_reason: Option<String>,
}

/// What a caller says of a new SCIM client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewScimClient {
    /// Says which identity provider uses it, 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: String,
    /// Whether it may take over an account that is there already, by its e-mail address.
    #[serde(default)]
    pub adopt_existing: bool,
}

impl NewScimClient {
    /// What is wrong with these fields by themselves.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "name", &self.name, 1, 100);
        errors
    }
}

/// The answer to making a SCIM client: the only one that ever holds the token.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedScimClient {
    /// The record.
    #[serde(flatten)]
    pub client: ScimClient,
    /// The whole token, `scim_…`.
    pub secret: String,
}

impl std::fmt::Debug for CreatedScimClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedScimClient").field("id", &self.client.id).finish_non_exhaustive()
    }
}

/// Which SCIM clients a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScimClientFilter {
    /// Whether revoked ones are listed too.
    pub include_revoked: bool,
}

/// What a SCIM client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProvisioningOperation {
    /// POST.
    Create,
    /// PUT.
    Replace,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl ProvisioningOperation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Create, Self::Replace, Self::Patch, Self::Delete];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Replace => "Replace",
            Self::Patch => "Patch",
            Self::Delete => "Delete",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == text)
    }
}

/// What it was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProvisionedResource {
    /// An account.
    User,
    /// A group.
    Group,
}

impl ProvisionedResource {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// From the word in the database and the API.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Group].into_iter().find(|resource| resource.as_str() == text)
    }
}

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProvisioningResult {
    /// It was.
    Success,
    /// It was refused, or failed.
    Failure,
}

impl ProvisioningResult {
    /// The word in the database, the API and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }

    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
        }
    }

    /// From the word in the database, the API and addresses.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Success, Self::Failure].into_iter().find(|result| result.as_str() == text)
    }
}

/// One line of the provisioning log. It helps to see why an identity provider's push fails; what was changed stands in
/// the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvisioningEntry {
    /// Its id.
    pub id: ProvisioningId,
    /// When.
    pub at: Timestamp,
    /// Which client.
    pub client_id: ScimClientId,
    /// Its name.
    pub client_name: String,
    /// What it asked for.
    pub operation: ProvisioningOperation,
    /// About what.
    pub resource: ProvisionedResource,
    /// The resource's id; empty when there is none (yet).
    pub resource_id: String,
    /// `userName` or `displayName`, as far as it is known.
    pub resource_name: String,
    /// Whether it was done.
    pub result: ProvisioningResult,
    /// The HTTP status that was answered.
    pub status: u16,
    /// What it came to, in words.
    pub detail: String,
}

/// Which lines of the provisioning log are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProvisioningFilter {
    /// Of this client.
    pub client_id: Option<ScimClientId>,
    /// With this result.
    pub result: Option<ProvisioningResult>,
}
