//! What a session holds.

use model::UserId;
use model::role::Rights;
use model::user::User;
use serde::{Deserialize, Serialize};

/// Who a session is for. Says who, never what they may do, and with which version of their credentials they signed in:
/// a sign-in that was under way while the password changed is worth nothing afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Who.
    pub user_id: UserId,
    /// The version that was checked.
    pub credential_version: i64,
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
