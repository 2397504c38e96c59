//! Money: whole micro-dollars, never floating point.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

/// An amount in micro-dollars (1/1,000,000 USD). A decimal string in JSON; a number is taken too.
/// Micro-dollars in binary formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

impl Usd {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// From micro-dollars.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In micro-dollars.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// What `units` cost when a million of them cost `self`, rounded to the nearest micro-dollar, halves up.
    #[must_use]
    pub fn per_million(self, units: u64) -> Self {
        let exact = i128::from(self.0) * i128::from(units);
        Self(i64::try_from((exact + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX))
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (dollars, rest) = (micros / 1_000_000, micros % 1_000_000);
        let fraction = format!("{rest:06}");
        let trimmed = fraction.trim_end_matches('0');
        // Cents always, more digits only where they say something: 1.00, 0.0025.
        write!(f, "{sign}{dollars}.{trimmed:0<2}")
    }
}

impl FromStr for Usd {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const MUST: &str = "must be an amount in US dollars with at most 6 decimals, e.g. 1.25";
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(MUST);
        }
        let dollars: i64 = whole.parse().map_err(|_| MUST)?;
        let micros: i64 = format!("{fraction:0<6}").parse().map_err(|_| MUST)?;
        dollars.checked_mul(1_000_000).and_then(|total| total.checked_add(micros)).map(Self).ok_or(MUST)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Amount;
        impl de::Visitor<'_> for Amount {
            type Value = Usd;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount in US dollars, e.g. \"1.25\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Usd, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, dollars: u64) -> Result<Usd, E> {
                self.visit_str(&dollars.to_string())
            }
            fn visit_f64<E: de::Error>(self, dollars: f64) -> Result<Usd, E> {
                // The shortest decimal that reads back as this number: what was written in the JSON text.
                self.visit_str(&dollars.to_string())
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Amount)
        } else {
            i64::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trip() {
        for (text, micros, shown) in
            [("1", 1_000_000, "1.00"), ("0.0025", 2500, "0.0025"), ("12.5", 12_500_000, "12.50")]
        {
            let amount: Usd = text.parse().unwrap();
            assert_eq!(amount.as_micros(), micros);
            assert_eq!(amount.to_string(), shown);
        }
        for bad in ["", "-1", "1.", ".5", "1.0000001", "1e3", "abc", "99999999999999999999"] {
            assert!(bad.parse::<Usd>().is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_taken_as_written() {
        assert_eq!(serde_json::from_str::<Usd>("0.15").unwrap().as_micros(), 150_000);
        assert_eq!(serde_json::from_str::<Usd>("3").unwrap().as_micros(), 3_000_000);
        assert!(serde_json::from_str::<Usd>("-3").is_err());
    }

    #[test]
    fn per_million_rounds_halves_up() {
        let price = Usd::from_micros(1_500_000);
        assert_eq!(price.per_million(1).as_micros(), 2);
        assert_eq!(price.per_million(1_000_000).as_micros(), 1_500_000);
    }
}
