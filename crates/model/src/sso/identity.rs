//! Somebody as an identity provider knows them.

use crate::id::{IdentityId, IdentityProviderName, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An account's identity at a provider. A person is issuer and subject; the e-mail address is an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Identity {
    /// Id.
    pub id: IdentityId,
    /// The account.
    pub user_id: UserId,
    /// The provider that it came through; `None`: it was removed.
    pub provider: Option<IdentityProviderName>,
    /// Who issued it.
    pub issuer: String,
    /// What the issuer calls them.
    pub subject: String,
    /// The e-mail address, as claimed at the last sign-in.
    pub email: Option<String>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// The last sign-in with it.
    pub last_sign_in_at: Option<Timestamp>,
}

/// Claims as they were received, for the simulator of mappings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedClaims {
    /// Whose.
    pub identity: Identity,
    /// A JSON object; large claims are left out.
    pub claims: String,
}

/// What a test sign-in brought. Nothing was made or changed by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestedSignIn {
    /// The provider.
    pub provider: IdentityProviderName,
    /// When.
    pub at: Timestamp,
    /// The claims that came, a JSON object; `None`: it failed before.
    pub claims: Option<String>,
    /// Why the sign-in would be refused, or failed; a stable word.
    pub refused: Option<String>,
    /// The account that this would sign in, if there is one: its e-mail address.
    pub account: Option<String>,
}
