//! Lists: cursors, pages and totals.

use serde::{Deserialize, Serialize};

/// Which way a list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortDirection {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

impl SortDirection {
    /// Splits `-field` or `field` into the field's name and the direction.
    pub fn split(text: &str) -> (&str, Self) {
        match text.strip_prefix('-') {
            Some(name) => (name, Self::Descending),
            None => (text, Self::Ascending),
        }
    }

    /// `field` or `-field`.
    pub fn prefix(self, name: &str) -> String {
        match self {
            Self::Ascending => name.to_owned(),
            Self::Descending => format!("-{name}"),
        }
    }

    /// The other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// Where a page begins and how long it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// `next_cursor` of the page before; opaque. `None` for the first page.
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 200.
    pub limit: u16,
}

impl PageRequest {
    /// Rows on a page when nothing is said.
    pub const DEFAULT_LIMIT: u16 = 50;
    /// Most rows on a page.
    pub const MAX_LIMIT: u16 = 200;
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { cursor: None, limit: Self::DEFAULT_LIMIT }
    }
}

/// How many rows match. Filtered lists count up to 1,000 and then say "1,000+"; with several filters that each hold for
/// thousands of rows they look at some of these, and may say "37+".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Total {
    /// Rows counted.
    pub count: u64,
    /// Whether there are more than were counted.
    pub capped: bool,
}

impl Total {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, capped: self.capped || other.capped }
    }

    /// The rest beside `part` of them; "0+" where the part wasn't counted to its end.
    #[must_use]
    pub const fn without(self, part: Self) -> Self {
        let count = if part.capped { 0 } else { self.count.saturating_sub(part.count) };
        Self { count, capped: self.capped || part.capped }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
    /// Rows that match in all.
    pub total: Total,
    /// Rows that would match but for a default that hides them (revoked keys).
    pub hidden: Total,
}
