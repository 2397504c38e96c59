//! `x-ratelimit-*`: of requests and of tokens, the limit with the smallest share left.

use super::reserve::{Limit, Locked, Measure};
use super::seconds_up;
use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::Timestamp;
use std::fmt::Write as _;
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
        for (names, share) in shown.into_iter().filter_map(|(names, share)| Some((names, share?))) {
            // Room for these and for what an answer adds, at once.
            headers.reserve(8);
            let [most, left, reset] = names.clone();
            headers.insert(most, share.most.into());
            headers.insert(left, share.left.into());
            headers.insert(reset, duration(share.reset));
        }
        headers
    }
}

/// OpenAI writes a duration with its unit here: `6s`.
fn duration(duration: Duration) -> HeaderValue {
    let mut text = BytesMut::with_capacity(24);
    // Writing to memory can't fail, and digits are always valid.
    let _ = write!(text, "{}s", seconds_up(duration));
    HeaderValue::from_maybe_shared(text.freeze()).unwrap_or(HeaderValue::from_static("0s"))
}
