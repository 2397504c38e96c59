//! Browser sessions as people see them.

use crate::id::SessionId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// From where a session was begun; kept in what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionOrigin {
    /// The client's address.
    pub ip: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

/// A session that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Names it without giving it to anybody.
    pub id: SessionId,
    /// Where it was begun.
    #[serde(flatten)]
    pub origin: SessionOrigin,
    /// When it began.
    pub created_at: Timestamp,
    /// Last request, to within minutes.
    pub last_seen_at: Timestamp,
    /// When it ends by itself, unless it rests before.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The answer to ending sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedSessions {
    /// How many ended.
    pub sessions_ended: u64,
    /// Whether the one that asked is among them.
    pub current: bool,
}
