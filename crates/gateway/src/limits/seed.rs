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
