//! Counters rebuilt from the ledger at the start.

use super::window::Figures;
use super::{Counters, ScopeId};
use crate::inflight::lock;
use model::access::AccessScope;
use model::usage::{UsageDims, UsageOfRequest, UsageTotal};
use model::{AccessRuleId, Timestamp};

/// What the ledger knows of the running spans.
#[derive(Clone, Debug, Default)]
pub struct UsageSeed {
    /// Sums of the present UTC day.
    pub today: Vec<UsageTotal>,
    /// Each request of the last 60 seconds, oldest first.
    pub minute: Vec<UsageOfRequest>,
    /// The access rules that limit rates.
    pub rules: Vec<(AccessRuleId, AccessScope)>,
}

impl Counters {
    /// Adds what the ledger knows to what was counted since the start: to the keys, the identities behind them, and
    /// the rules that are about them.
    pub(crate) fn seed(&self, now: Timestamp, seed: &UsageSeed) {
        for total in &seed.today {
            let figures = Figures { requests: total.requests, used: total.tokens, reserved: 0 };
            for id in scopes(&total.of, &seed.rules) {
                let scope = self.entry(id);
                let mut state = lock(&scope.state);
                state.day.roll(now);
                state.day.admit(figures);
            }
        }
        // Latest first: each goes before those that are there.
        for request in seed.minute.iter().rev() {
            let figures = Figures { requests: 1, used: request.tokens, reserved: 0 };
            for id in scopes(&request.of, &seed.rules) {
                let scope = self.entry(id);
                // A row from the future, left by a clock that was wrong, must not stay for as long as that.
                lock(&scope.state).minute.seed(request.at.min(now), figures);
            }
        }
    }
}

fn scopes(of: &UsageDims, rules: &[(AccessRuleId, AccessScope)]) -> impl Iterator<Item = ScopeId> {
    let identity = of.identity.as_deref().map(|identity| ScopeId::Identity(of.key_id, identity.into()));
    let about = |scope: &AccessScope| scope.covers(&of.tenant_id, of.user_id.as_ref(), of.user_path.as_ref());
    let rules = rules.iter().filter(move |(_, scope)| about(scope)).map(|(id, _)| ScopeId::Rule(id.clone()));
    std::iter::once(ScopeId::Key(of.key_id)).chain(identity).chain(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::tests::{NONE, One, ask, at, key, noon, rate, rule};
    use model::limits::RateLimits;
    use std::time::Duration;

    #[test]
    fn the_ledger_seeds_every_scope() {
        let dims = |n: u8, path: Option<&str>, identity: Option<&str>| UsageDims {
            key_id: key(n),
            tenant_id: "default".parse().unwrap(),
            user_id: None,
            user_path: path.map(|path| path.parse().unwrap()),
            identity: identity.map(str::to_owned),
        };
        let anna = dims(1, Some("/team/alpha"), Some("anna@example.com"));
        let ben = dims(1, Some("/team/alpha"), Some("ben@example.com"));
        let (below, other) = (dims(2, Some("/team/beta"), None), dims(3, None, None));
        let total = |of: &UsageDims, requests, tokens| UsageTotal { of: of.clone(), requests, tokens };
        let request = |of: &UsageDims, before, tokens| {
            let at = noon().before(Duration::from_secs(before));
            UsageOfRequest { of: of.clone(), at, tokens }
        };
        let counters = Counters::default();
        counters.seed(
            noon(),
            &UsageSeed {
                today: vec![
                    total(&anna, 4, 40),
                    total(&ben, 3, 30),
                    total(&below, 2, 20),
                    total(&other, 1, 10),
                ],
                minute: vec![
                    request(&below, 61, 6),
                    request(&anna, 50, 5),
                    request(&anna, 20, 5),
                    request(&ben, 10, 7),
                ],
                rules: vec![
                    (rule(1), AccessScope::UserPath("/team".parse().unwrap())),
                    (rule(2), AccessScope::Tenant("default".parse().unwrap())),
                    (rule(3), AccessScope::Tenant("team-alpha".parse().unwrap())),
                ],
            },
        );
        let limits =
            RateLimits { requests_per_minute: Some(1_000_000), tokens_per_minute: Some(100_000_000), ..NONE };
        let days =
            RateLimits { requests_per_day: Some(1_000_000), tokens_per_day: Some(100_000_000), ..NONE };
        let left = |id: &ScopeId, limits| {
            let taken = One::of(&counters, id.clone(), limits).take(ask(0, Some(0)), noon()).unwrap();
            // The request itself is one of them.
            (999_999 - rate(&taken.headers, "requests").1, 100_000_000 - rate(&taken.headers, "tokens").1)
        };
        for (id, minute, day) in [
            (ScopeId::Key(key(1)), (3, 17), (7, 70)),
            (ScopeId::Key(key(2)), (0, 0), (2, 20)),
            (ScopeId::Key(key(3)), (0, 0), (1, 10)),
            (ScopeId::Identity(key(1), "anna@example.com".into()), (2, 10), (4, 40)),
            (ScopeId::Identity(key(1), "ben@example.com".into()), (1, 7), (3, 30)),
            (ScopeId::Rule(rule(1)), (3, 17), (9, 90)),
            (ScopeId::Rule(rule(2)), (3, 17), (10, 100)),
            (ScopeId::Rule(rule(3)), (0, 0), (0, 0)),
        ] {
            assert_eq!((left(&id, limits), left(&id, days)), (minute, day), "{id:?}");
        }
        let key =
            One::of(&counters, ScopeId::Key(key(1)), RateLimits { requests_per_minute: Some(3), ..NONE });
        let refused = key.refused(ask(1, None), noon());
        assert_eq!(refused.retry_after(), 40, "the first has left in 10 seconds, the asking one came on top");
    }

    #[test]
    fn a_row_of_the_future_stays_no_longer_than_a_minute() {
        let counters = Counters::default();
        let of = UsageDims {
            key_id: key(1),
            tenant_id: "default".parse().unwrap(),
            user_id: None,
            user_path: None,
            identity: None,
        };
        let minute = vec![UsageOfRequest { of, at: at(86_400), tokens: 1 }];
        counters.seed(noon(), &UsageSeed { minute, ..UsageSeed::default() });
        let one =
            One::of(&counters, ScopeId::Key(key(1)), RateLimits { requests_per_minute: Some(1), ..NONE });
        assert!(!one.passes(at(59)) && one.passes(at(60)));
    }
}
