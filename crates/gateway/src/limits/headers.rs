//! `x-ratelimit-*`: of requests and of tokens, the limit with the smallest share left.

use super::reserve::{Limit, Locked, Measure};
use super::seconds_up;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::Timestamp;
use std::time::Duration;

const REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// What the headers will say: read under the locks, written without them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    requests: Option<Share>,
    tokens: Option<Share>,
}

/// How a limit stands.
#[derive(Clone, Copy, Debug)]
struct Share {
    most: u64,
    left: u64,
    reset: Duration,
}

impl Share {
    fn of(limit: &Limit<'_>, now: Timestamp) -> Self {
        Self { most: limit.most, left: limit.left(), reset: limit.span.reset(now) }
    }

    /// A smaller share is left than of `other`; of equal ones, the one that takes longer to be full again.
    fn tighter_than(self, other: Self) -> bool {
        let one = u128::from(self.left) * u128::from(other.most);
        let two = u128::from(other.left) * u128::from(self.most);
        one < two || (one == two && self.reset > other.reset)
    }
}

impl Shown {
    pub(super) fn of(locked: &[Locked<'_>], now: Timestamp) -> Self {
        let mut shown = Self::default();
        for limit in locked.iter().flat_map(Locked::limits) {
            let share = Share::of(&limit, now);
            let place = match limit.measure {
                Measure::Requests => &mut shown.requests,
                Measure::Tokens => &mut shown.tokens,
            };
            if place.is_none_or(|present| share.tighter_than(present)) {
                *place = Some(share);
            }
        }
        shown
    }

    pub(super) fn into_headers(self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let shown = [(&REQUESTS, self.requests), (&TOKENS, self.tokens)];
        for ([most, left, reset], share) in
            shown.into_iter().filter_map(|(names, share)| Some((names, share?)))
        {
            if headers.is_empty() {
                // Room for these and for what an answer adds, at once.
                headers.reserve(12);
            }
            headers.insert(most, value(share.most, ""));
            headers.insert(left, value(share.left, ""));
            // OpenAI writes a duration with its unit here: `6s`.
            headers.insert(reset, value(seconds_up(share.reset), "s"));
        }
        headers
    }
}

/// A whole number and its unit. Written by hand, from the end: formatting costs several times as much, and each answer
/// has six of them.
fn value(mut number: u64, unit: &str) -> HeaderValue {
    let mut text = [0; 24];
    let mut at = text.len() - unit.len();
    text[at..].copy_from_slice(unit.as_bytes());
    loop {
        at -= 1;
        text[at] = b"0123456789"[usize::try_from(number % 10).unwrap_or(0)];
        number /= 10;
        if number == 0 {
            // Digits are always valid.
            return HeaderValue::from_bytes(&text[at..]).unwrap_or(HeaderValue::from_static("0"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_written_like_anywhere_else() {
        for number in [0, 7, 10, 99, 1_000_000, u64::MAX] {
            assert_eq!(value(number, ""), number.to_string());
            assert_eq!(value(number, "s"), format!("{number}s"));
        }
    }
}
