//! The audit log in lists, and one row with all that it says.

use super::AuditResult;
use crate::id::TenantId;
use crate::page::SortDirection;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A row as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditRow {
    /// Its number: 1, 2, 3 and so on, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a user id, `master_key`, `command_line`, `configuration` or `anonymous`.
    pub actor_id: String,
    /// Who, for people.
    pub actor: String,
    /// What, as `resource.verb`.
    pub action: String,
    /// The kind of object.
    pub target_type: String,
    /// Its id; empty when there was none yet, or none was found.
    pub target_id: String,
    /// Its name at the time.
    pub target_name: String,
    /// The tenant that the object belongs to, if any.
    pub tenant_id: Option<TenantId>,
    /// Whether it took place.
    pub result: AuditResult,
    /// The client's address, if it came over the network.
    pub ip: Option<String>,
}

/// A row with its facts, as the database has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// The row.
    pub row: AuditRow,
    /// The facts as JSON text.
    pub detail: String,
    /// The row's link in the chain of hashes, in hexadecimal; `None`: it is from before the chain.
    pub hash: Option<String>,
}

/// A row with its facts, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditDetail {
    /// The row.
    pub row: AuditRow,
    /// What the action changed, field by field.
    pub changes: Vec<AuditChange>,
    /// What else is known of it.
    pub facts: Vec<AuditFact>,
    /// As in [`AuditRecord`].
    pub hash: Option<String>,
}

/// A field that an action changed. The values are JSON, but text stands without its quotes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChange {
    /// The field, e.g. `rate_limits.requests_per_minute`.
    pub field: String,
    /// What it was; `None`: nothing.
    pub before: Option<String>,
    /// What it became; `None`: nothing.
    pub after: Option<String>,
}

/// Something else that is known of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFact {
    /// What it is about, e.g. `reason`.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Which rows a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditFilter {
    /// Who: an actor's id, or a part of a user's name or e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Exactly this action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Objects of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_type: Option<String>,
    /// The object with this id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// Only with this result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<AuditResult>,
    /// Objects of this tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// From exactly this address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// At this moment or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// Order of the log: by time, in addresses `at` or `-at`. Newest first when left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditOrder(pub SortDirection);

impl Default for AuditOrder {
    fn default() -> Self {
        Self(SortDirection::Descending)
    }
}

impl AuditOrder {
    /// From `at` or `-at`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, direction) = SortDirection::split(text);
        (name == "at").then_some(Self(direction))
    }

    /// As `at` or `-at`.
    pub fn to_param(self) -> String {
        self.0.prefix("at")
    }
}
