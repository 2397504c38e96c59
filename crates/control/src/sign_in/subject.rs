//! What a session holds.

use crate::{Actor, Control, Error};
use identity::base32;
use model::role::Rights;
use model::user::User;
use model::{IdentityProviderId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use zeroize::Zeroizing;

/// Who a session is for. Says who, never what they may do, and with which version of their credentials they signed in:
/// a sign-in that was under way while the password changed is worth nothing afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Who.
    pub user_id: UserId,
    /// The version that was checked.
    pub credential_version: i64,
    /// The identity provider that they came through, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderSession>,
}

impl Subject {
    /// Of an account with credentials of this version, that no identity provider speaks for.
    pub fn new(user_id: UserId, credential_version: i64) -> Self {
        Self { user_id, credential_version, provider: None }
    }

    /// Of who changed their own credentials, in the session that goes on.
    pub(crate) fn renewed(actor: &Actor, user_id: UserId, credential_version: i64) -> Self {
        Self { user_id, credential_version, provider: actor.provider().cloned() }
    }
}

/// A session's other end, at an identity provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSession {
    /// The provider.
    pub provider_id: IdentityProviderId,
    /// What the provider calls the session, for back-channel logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The ID token, sealed, for signing out there too; a very long one isn't kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_id_token: Option<String>,
    /// When they last proved themselves there on our request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confirmed_at: Option<Timestamp>,
}

impl ProviderSession {
    /// Longest ID token that is kept, in bytes: sessions are read with every request.
    const KEPT: usize = 4 * 1024;

    /// Of somebody whom this provider has just spoken for.
    pub(crate) fn new(
        control: &Control,
        provider_id: IdentityProviderId,
        sid: Option<String>,
        id_token: &str,
    ) -> Result<Self, Error> {
        let sealed_id_token = if id_token.len() <= Self::KEPT {
            let sealed = control.0.sealing_key.seal(id_token, &purpose(&provider_id), control.entropy())?;
            Some(base32::encode(&sealed))
        } else {
            None
        };
        Ok(Self { provider_id, sid, sealed_id_token, confirmed_at: None })
    }

    /// The ID token, if it was kept.
    pub(crate) fn id_token(&self, control: &Control) -> Option<Zeroizing<String>> {
        let sealed = base32::decode(self.sealed_id_token.as_deref()?)?;
        control.0.sealing_key.open(&sealed, &purpose(&self.provider_id)).ok()
    }
}

fn purpose(provider: &IdentityProviderId) -> String {
    format!("id-token:{provider}")
}

impl std::fmt::Debug for ProviderSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderSession").field("provider_id", &self.provider_id).finish_non_exhaustive()
    }
}

/// How long somebody has for the second step.
pub const HALF_SESSION_LIFE: Duration = Duration::from_mins(5);

/// Somebody who has proven the first half of who they are. In a session, it opens nothing but the second step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfSession {
    pub(super) subject: Subject,
    /// How the first half was proven, for the audit log.
    pub(super) method: String,
    pub(super) expires_at: Timestamp,
}

/// Somebody who has just proven who they are.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// What it may do.
    pub rights: Rights,
    /// For the session.
    pub subject: Subject,
}

/// What a password, a link that sets one, or an identity provider leads to.
#[derive(Clone, Debug)]
pub enum FirstStep {
    /// That was all.
    SignedIn(Box<SignedIn>),
    /// The account has a second factor: a code is asked for.
    HalfWay(HalfSession),
}
