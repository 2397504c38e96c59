//! Usage of one person over a span of time, in bars and summed up: what the Console's usage page shows.

use crate::dashboard::UsageTotals;
use crate::id::{KeyId, ModelName, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a bar of a chart is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarLength {
    /// An hour.
    Hour,
    /// A UTC day.
    #[default]
    Day,
}

impl BarLength {
    /// In hours.
    pub const fn hours(self) -> u16 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }

    /// As a span of time.
    pub fn duration(self) -> Duration {
        Duration::from_hours(self.hours().into())
    }

    /// The first moment of the bar that `at` lies in.
    pub fn start(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Hour => at.utc_hour_start(),
            Self::Day => at.utc_day_start(),
        }
    }
}

/// Of which time: so many bars, the last of which is the one of this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsagePeriod {
    /// 24 hours.
    #[serde(rename = "24h")]
    Day,
    /// 7 days.
    #[default]
    #[serde(rename = "7d")]
    Week,
    /// 30 days.
    #[serde(rename = "30d")]
    Month,
    /// 90 days.
    #[serde(rename = "90d")]
    Quarter,
}

impl UsagePeriod {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// From the word in addresses.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }

    /// Its bars: how long one is, and how many there are.
    pub const fn bars(self) -> (BarLength, u16) {
        match self {
            Self::Day => (BarLength::Hour, 24),
            Self::Week => (BarLength::Day, 7),
            Self::Month => (BarLength::Day, 30),
            Self::Quarter => (BarLength::Day, 90),
        }
    }

    /// From its first moment up to, not including, the end of the bar of `now`.
    pub fn span(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let (length, count) = self.bars();
        let last = length.start(now);
        let bar = length.duration();
        (last.before(bar * u32::from(count.saturating_sub(1))), last.after(bar))
    }
}

/// What usage is summed up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageBy {
    /// The model that was asked for.
    #[default]
    Model,
    /// The key that asked.
    Key,
}

impl UsageBy {
    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Key => "key",
        }
    }

    /// From the word in addresses.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Model, Self::Key].into_iter().find(|by| by.as_str() == text)
    }
}

/// Which of one's own usage. Whose it is isn't said here: it is always the caller's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageQuestion {
    /// Of which time.
    #[serde(default)]
    pub period: UsagePeriod,
    /// Summed up by what.
    #[serde(default)]
    pub by: UsageBy,
    /// Of keys of this tenant only.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
}

/// One bar of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageBar {
    /// Its first moment.
    pub start: Timestamp,
    /// Its totals.
    pub totals: UsageTotals,
}

/// Usage of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// The key.
    pub key_id: KeyId,
    /// Its name, if there is such a key.
    pub name: Option<String>,
    /// How much.
    pub totals: UsageTotals,
}

/// What a line of the table is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UsageOf {
    /// A model that was asked for.
    Model {
        /// Its name.
        name: ModelName,
    },
    /// A key of one's own.
    Key {
        /// Its id.
        id: KeyId,
        /// Its name, if there is such a key.
        name: Option<String>,
    },
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageLine {
    /// What it is about.
    pub of: UsageOf,
    /// How much.
    pub totals: UsageTotals,
}

/// The answer to a [`UsageQuestion`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageReport {
    /// All of it.
    pub total: UsageTotals,
    /// The period's bars, oldest first, without gaps.
    pub bars: Vec<UsageBar>,
    /// The most used first, at most [`Self::MAX_LINES`].
    pub lines: Vec<UsageLine>,
}

impl UsageReport {
    /// How many lines there are at most.
    pub const MAX_LINES: u16 = 200;

    /// Whether there may be more than its lines tell.
    pub fn is_cut(&self) -> bool {
        self.lines.len() >= usize::from(Self::MAX_LINES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_with_the_bar_of_this_moment() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let now = at("2026-03-18T17:20:00Z");
        for (period, from, to) in [
            (UsagePeriod::Day, "2026-03-17T18:00:00Z", "2026-03-18T18:00:00Z"),
            (UsagePeriod::Week, "2026-03-12T00:00:00Z", "2026-03-19T00:00:00Z"),
            (UsagePeriod::Month, "2026-02-17T00:00:00Z", "2026-03-19T00:00:00Z"),
            (UsagePeriod::Quarter, "2025-12-19T00:00:00Z", "2026-03-19T00:00:00Z"),
        ] {
            assert_eq!(period.span(now), (at(from), at(to)), "{period:?}");
        }
    }

    #[test]
    fn a_word_is_the_same_everywhere() {
        for period in UsagePeriod::ALL {
            assert_eq!(UsagePeriod::parse(period.as_str()), Some(period));
            assert_eq!(serde_json::to_value(period).unwrap(), period.as_str());
        }
        for by in [UsageBy::Model, UsageBy::Key] {
            assert_eq!(UsageBy::parse(by.as_str()), Some(by));
            assert_eq!(serde_json::to_value(by).unwrap(), by.as_str());
        }
    }
}
