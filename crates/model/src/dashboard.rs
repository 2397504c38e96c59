//! The figures of the dashboard and of the Console's own-usage card.

use crate::id::ModelName;
use crate::money::Usd;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::iter::Sum;

/// Usage over a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageTotals {
    /// Requests.
    pub requests: u64,
    /// Of these, answered with an error or not to the end.
    pub errors: u64,
    /// Input tokens.
    pub input_tokens: u64,
    /// Of these, cached.
    pub cached_input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Cost.
    pub cost_usd: Usd,
}

impl Sum for UsageTotals {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            requests: sum.requests.saturating_add(part.requests),
            errors: sum.errors.saturating_add(part.errors),
            input_tokens: sum.input_tokens.saturating_add(part.input_tokens),
            cached_input_tokens: sum.cached_input_tokens.saturating_add(part.cached_input_tokens),
            output_tokens: sum.output_tokens.saturating_add(part.output_tokens),
            cost_usd: sum.cost_usd + part.cost_usd,
        })
    }
}

/// One bar of a chart: the totals of one UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailyUsage {
    /// The day's first moment, UTC.
    pub day: Timestamp,
    /// Its totals.
    pub totals: UsageTotals,
}

/// Usage of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelUsage {
    /// Its name.
    pub model: ModelName,
    /// How much.
    pub totals: UsageTotals,
}

/// What the dashboard shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The last 24 hours.
    pub last_24h: UsageTotals,
    /// The 24 hours before those, for comparison.
    pub previous_24h: UsageTotals,
    /// The last 30 UTC days, oldest first; days without requests are there with zeros.
    pub daily: Vec<DailyUsage>,
    /// Keys that work now.
    pub active_keys: u64,
    /// Active keys not used for 90 days (never used counts from creation).
    pub stale_keys: u64,
    /// Active keys that expire within 7 days.
    pub expiring_keys: u64,
    /// Requests running at this moment, in all tenants; for whoever sees all of them.
    pub live_requests: Option<u64>,
}

/// What the Console shows of one's own usage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnUsage {
    /// The last 24 hours.
    pub last_24h: UsageTotals,
    /// The last 30 UTC days together.
    pub last_30d: UsageTotals,
    /// The last 30 UTC days, oldest first, gap-free.
    pub daily: Vec<DailyUsage>,
}
