//! What the admin's and the Console's key pages share: the query of a list, the table, the drawer, and the dialogs
//! that create, change, rotate and revoke.

pub mod bulk;
pub mod create;
pub mod detail;
pub mod dialogs;
pub mod edit;
pub mod form;
pub mod look;
pub mod owner_filter;
pub mod presets;
pub mod revoke;
pub mod rotate;
pub mod routing;
pub mod secret;
pub mod selection;
pub mod snippets;
pub mod table;
pub mod words;

use crate::query::Query;
use model::PageRequest;
use model::key::{Environment, KeyFilter, KeyKind, KeySort, KeyStatus, KeyTag};

/// What a list of keys asks for, as read from the address. What can't be read there is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyList {
    /// Which keys.
    pub filter: KeyFilter,
    /// In which order.
    pub sort: KeySort,
    /// Which page.
    pub page: PageRequest,
}

/// `status` in the address for "revoked ones too".
pub const ALL_STATUSES: &str = "all";

impl KeyList {
    /// From the address.
    pub fn from_query(query: &Query) -> Self {
        let status = query.get("status");
        Self {
            filter: KeyFilter {
                q: query.get("q").map(ToOwned::to_owned),
                status: status.and_then(KeyStatus::parse),
                include_revoked: status == Some(ALL_STATUSES),
                owner_id: query.get("owner").and_then(|id| id.parse().ok()),
                tenant_id: query.get("tenant").and_then(|id| id.parse().ok()),
                unused_days: query.get("unused").and_then(|days| days.parse().ok()),
                expiring_days: query.get("expiring").and_then(|days| days.parse().ok()),
                kind: query.get("kind").and_then(KeyKind::parse),
                environment: query.get("environment").and_then(Environment::parse),
                owner_inactive: query.get("owner_status") == Some("inactive"),
                tag: query.get("tag").and_then(KeyTag::parse),
            },
            sort: query.get("sort").and_then(KeySort::parse).unwrap_or_default(),
            page: query.page(),
        }
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        self.filter != KeyFilter::default()
            && self.filter != KeyFilter { include_revoked: true, ..KeyFilter::default() }
    }
}
