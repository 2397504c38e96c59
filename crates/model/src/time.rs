//! Points in time and where they come from.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_HOUR: i64 = 3_600 * MICROS_PER_SECOND;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// A point in time in microseconds since the Unix epoch, UTC. RFC 3339 in JSON, the number in the database and in binary
/// formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment plus `duration`; stays at the last representable moment instead of wrapping.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment minus `duration`.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it isn't after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The first moment of this moment's UTC hour.
    #[must_use]
    pub const fn utc_hour_start(self) -> Self {
        Self(self.0.div_euclid(MICROS_PER_HOUR) * MICROS_PER_HOUR)
    }

    /// The first moment of this moment's UTC day.
    #[must_use]
    pub const fn utc_day_start(self) -> Self {
        Self(self.0.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY)
    }

    /// The first moment of this moment's UTC month; the epoch for moments that no calendar knows.
    #[must_use]
    pub fn utc_month_start(self) -> Self {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000).ok();
        let first = moment.and_then(|moment| moment.replace_day(1).ok()).map(OffsetDateTime::unix_timestamp);
        Self(first.unwrap_or_default().saturating_mul(MICROS_PER_SECOND)).utc_day_start()
    }

    /// RFC 3339 in UTC with second precision, e.g. `2026-03-18T17:00:00Z`; `None` outside years 1 to 9999.
    pub fn to_rfc3339(self) -> Option<String> {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000).ok()?;
        moment.format(&Rfc3339).ok()
    }

    /// From any RFC 3339 text, whatever its offset; `None` when that leads out of what [`Self::to_rfc3339`] can write.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let moment = i64::try_from(moment.unix_timestamp_nanos() / 1000).ok().map(Self)?;
        moment.to_rfc3339().map(|_| moment)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_rfc3339() {
            Some(text) => f.write_str(&text),
            None => write!(f, "{}µs", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text)
            .ok_or_else(|| de::Error::custom("must be an RFC 3339 time such as 2026-12-31T23:59:59Z"))
    }
}

/// Where "now" comes from: the system in the server, the test's hand in tests.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Where random bytes come from: the operating system in the server, a seed in tests.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// A clock that stands still until it is told to move.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let next = self.now().after(by);
        self.0.store(next.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_round_trip_keeps_the_moment_whatever_the_offset() {
        let utc = Timestamp::parse_rfc3339("2026-12-31T23:59:59Z").unwrap();
        let offset = Timestamp::parse_rfc3339("2027-01-01T01:59:59+02:00").unwrap();
        assert_eq!(utc, offset);
        assert_eq!(utc.to_string(), "2026-12-31T23:59:59Z");
        // In UTC it is a year of five digits, which nobody could read back.
        assert_eq!(Timestamp::parse_rfc3339("9999-12-31T23:59:59-12:00"), None);
    }

    #[test]
    fn utc_day_starts_at_midnight_also_before_the_epoch() {
        let noon = Timestamp::parse_rfc3339("1969-12-31T12:00:00Z").unwrap();
        assert_eq!(noon.utc_day_start().to_string(), "1969-12-31T00:00:00Z");
    }

    #[test]
    fn a_month_begins_on_its_first_day_at_midnight_utc() {
        for (moment, first) in [
            ("2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z"),
            ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("1969-12-31T12:00:00Z", "1969-12-01T00:00:00Z"),
        ] {
            let start = Timestamp::parse_rfc3339(moment).unwrap().utc_month_start();
            assert_eq!(start.to_rfc3339().as_deref(), Some(first));
        }
    }
}
