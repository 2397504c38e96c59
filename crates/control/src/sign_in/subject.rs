//! What a session holds.

use model::role::Rights;
use model::user::User;
use model::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Who a session is for. Says who, never what they may do, and with which version of their credentials they signed in:
/// a sign-in that was under way while the password changed is worth nothing afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Who.
    pub user_id: UserId,
    /// The version that was checked.
    pub credential_version: i64,
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

/// What a password, or a link that sets one, leads to.
#[derive(Clone, Debug)]
pub enum FirstStep {
    /// That was all.
    SignedIn(Box<SignedIn>),
    /// The account has a second factor: a code is asked for.
    HalfWay(HalfSession),
}
