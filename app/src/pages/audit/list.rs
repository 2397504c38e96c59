//! What the list asks for, as read from the address.

use crate::query::Query;
use model::audit::{AuditFilter, AuditOrder, AuditResult};
use model::{PageRequest, Timestamp};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// Filters, order and page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditList {
    /// Which rows.
    pub filter: AuditFilter,
    /// In which order.
    pub order: AuditOrder,
    /// Which page.
    pub page: PageRequest,
}

impl AuditList {
    /// From the address. Days are UTC, and the last one counts whole.
    pub fn from_query(query: &Query) -> Self {
        let text = |name: &str| query.get(name).map(ToOwned::to_owned);
        let filter = AuditFilter {
            actor: text("q"),
            action: text("action"),
            target_type: text("target_type"),
            target_id: text("target_id"),
            result: query.get("result").and_then(AuditResult::parse),
            tenant_id: query.get("tenant").and_then(|slug| slug.parse().ok()),
            ip: query.get("ip").and_then(|ip| ip.parse().ok()),
            from: query.get("from").and_then(day_start),
            to: query.get("to").and_then(day_start).map(|day| day.after(DAY)),
        };
        Self {
            filter,
            order: query.get("sort").and_then(AuditOrder::parse).unwrap_or_default(),
            page: query.page(),
        }
    }
}

/// The first moment of a UTC day such as `2026-03-18`.
fn day_start(day: &str) -> Option<Timestamp> {
    (day.len() == 10).then(|| Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z"))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_asked_for() {
        let query = [
            ("q", "ada"),
            ("result", "denied"),
            ("from", "2026-03-18"),
            ("to", "2026-03-18"),
            ("tenant", "team-alpha"),
            ("ip", "not an address"),
            ("sort", "at"),
        ];
        let query = query.iter().fold(Query::default(), |query, (name, value)| query.with(name, Some(value)));
        let list = AuditList::from_query(&query);
        let time = |text: &str| Timestamp::parse_rfc3339(text);
        assert_eq!(list.filter.actor.as_deref(), Some("ada"));
        assert_eq!(list.filter.result, Some(AuditResult::Denied));
        assert_eq!(list.filter.from, time("2026-03-18T00:00:00Z"));
        assert_eq!(list.filter.to, time("2026-03-19T00:00:00Z"));
        assert_eq!(list.filter.ip, None);
        assert_eq!(list.order.to_param(), "at");
        assert_eq!(AuditList::from_query(&Query::default()), AuditList::default());
        for bad in ["", "2026-13-01", "2026-03-18T00:00:00Z", "yesterday!", "2026-3-018"] {
            assert_eq!(day_start(bad), None, "{bad}");
        }
    }
}
