//! Doing the same to many accounts: what is asked for, and what became of each.

use super::UserStatus;
use crate::key::CutReceipt;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Most accounts in one call.
pub const MANY_USERS: usize = 500;

/// Sets many accounts Active or Inactive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusOfMany {
    /// Ids of users, 1 to [`MANY_USERS`]. What can't be one is like one that isn't there.
    pub ids: Vec<String>,
    /// What they are to be.
    pub status: UserStatus,
    /// Why, for the audit log; up to 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Offboards many people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffboardMany {
    /// Ids of users, 1 to [`MANY_USERS`]. What can't be one is like one that isn't there.
    pub ids: Vec<String>,
    /// Why, for the audit log; up to 500 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What became of one of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneOfMany {
    /// The id as it was given.
    pub id: String,
    /// The HTTP status that the same for this one alone has.
    pub status: u16,
    /// `done`, or the code of the problem.
    pub code: Cow<'static, str>,
    /// For people: what was done, or why it wasn't.
    pub message: String,
    /// What was cut; only of what was done.
    pub receipt: Option<CutReceipt>,
}

impl OneOfMany {
    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        self.receipt.is_some()
    }
}
