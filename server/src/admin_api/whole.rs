//! Lists that are always whole.

use model::page::{Page, Total};

/// All of them on one page.
pub(super) fn whole<T>(items: Vec<T>) -> Page<T> {
    let total = Total { count: u64::try_from(items.len()).unwrap_or(u64::MAX), capped: false };
    Page { items, next_cursor: None, total, hidden: Total::default() }
}
