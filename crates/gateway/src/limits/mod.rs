//! Rate limits: exact counters in memory, outside of snapshots.
//!
//! A request can be limited in several scopes at once: its key, each access rule that is about it, the identity behind
//! it. [`reserve`] takes from all of them or from none, and the [`Reservation`] gives back what it holds when it is
//! dropped. Each scope has one short lock; those of one request are taken in the order of their [`ScopeId`]s, so two
//! requests never wait for each other in a circle.
//!
//! - A minute is an exact sliding window: no span of 60 seconds holds more than N. Admissions of one millisecond leave
//!   it together, when the latest of them has left, which bounds its memory and errs by less than that millisecond
//!   to the safe side. A day is the UTC day.
//! - Tokens are reserved before the call and replaced by the real figure after it, in the minute and the day of the
//!   admission; when those are over, there is nothing left to replace.
//! - Limits come with each call, so they can change under running counters. What isn't limited isn't counted: a limit
//!   that is added later counts from then on, from zero (or from what the ledger knew at the start).
//! - Refused requests take nothing.
//! - A key's identities beyond the first 10,000 that are counted share one counter. An identity whose counts are over
//!   (after a minute, or a day) makes room.

mod counters;
mod headers;
mod refusal;
mod reserve;
mod seed;
mod window;

#[cfg(test)]
mod storm;
#[cfg(test)]
mod tests;

pub(crate) use counters::{Counters, Scope};
pub(crate) use reserve::{Demand, Limited, Reservation, count, reserve};
pub use seed::UsageSeed;

use model::{AccessRuleId, KeyId};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Whose counters. The order is that in which locks are taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ScopeId {
    /// A key's own.
    Key(KeyId),
    /// Shared by all requests that an access rule is about.
    Rule(AccessRuleId),
    /// One identity's behind one key.
    Identity(KeyId, Box<str>),
    /// Of all identities behind one key that come when very many are counted already.
    OtherIdentities(KeyId),
}

impl ScopeId {
    /// For the client: says what kind of limit it met, and nothing of other people's.
    const fn words(&self) -> &'static str {
        match self {
            Self::Key(_) => "of this API key",
            Self::Rule(_) => "of an access rule",
            Self::Identity(..) => "of this identity",
            Self::OtherIdentities(_) => "of the latest of this API key's very many identities",
        }
    }
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
