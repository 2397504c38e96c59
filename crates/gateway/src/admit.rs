//! From headers to a registered request with a working key, and from there to what it takes of the limits.

use crate::access::Rule;
use crate::credential;
use crate::error::{ApiError, Code};
use crate::inflight::FlightGuard;
use crate::limits::{self, Demand, Limited, Reservation, Scope, ScopeId};
use crate::policy::KeyPolicy;
use crate::service::{Shared, Worker};
use crate::socket::Connection;
use http::HeaderMap;
use std::sync::Arc;

/// Changes that may overtake one request before it gives up; each takes a load of the key.
const TRIES: usize = 10;

/// Checks the key and registers the request, so that from here on a change of the key ends it.
///
/// The request registers first and then looks whether anything was forgotten since its look-up: a change either sees
/// the registration and cuts it, or is seen here. In between there is nothing.
pub(crate) async fn authenticate(
    worker: &Arc<Worker>,
    headers: &HeaderMap,
    connection: &Arc<Connection>,
) -> Result<FlightGuard, ApiError> {
    let presented = credential::find(headers)?;
    let shared = &worker.shared;
    for _ in 0..TRIES {
        if !shared.is_sure() {
            return Err(Code::StateUnavailable.into());
        }
        let generation = shared.directory.generation();
        let Some(policy) = shared.directory.find(presented.id, &worker.metrics).await? else {
            // As much work as for a wrong secret.
            let _ = identity::secret::matches(&presented.hash, &[0; 32]);
            return Err(Code::InvalidApiKey.into());
        };
        let secret = policy
            .proves(&presented.hash, presented.kind, presented.environment)
            .ok_or(Code::InvalidApiKey)?;
        policy.check_state(secret, shared.clock.now())?;
        #[cfg(test)]
        if let Some(barrier) = shared.looked_up.get() {
            barrier.wait().await;
            barrier.wait().await;
        }
        let guard =
            shared.inflight.register(worker.index, Arc::clone(&policy), secret, Arc::clone(connection));
        if shared.directory.generation() == generation || shared.directory.is_current(&policy) {
            return Ok(guard);
        }
    }
    Err(Code::StateUnavailable.into())
}

/// The limits that a request is under: its key's, its rules' and its identity's.
pub(crate) struct Limits<'a> {
    shared: &'a Shared,
    policy: &'a KeyPolicy,
    rules: &'a [&'a Rule],
    identity: Option<Arc<Scope>>,
}

impl<'a> Limits<'a> {
    pub(crate) fn about(
        shared: &'a Shared,
        policy: &'a KeyPolicy,
        rules: &'a [&'a Rule],
        identity: Option<&str>,
    ) -> Self {
        let identity = identity.and_then(|identity| {
            let id = ScopeId::Identity(policy.key.id, identity.into());
            shared.counters.of(id, &policy.shape.scope.identity.rate_limits)
        });
        Self { shared, policy, rules, identity }
    }

    /// Takes what a call needs of all of them.
    pub(crate) fn reserve(&self, demand: Demand) -> Result<Reservation, ApiError> {
        limits::reserve(&self.limited(), demand, self.shared.clock.now())
    }

    /// Counts a request that is answered at once: it asks for no tokens and never runs beside another.
    pub(crate) fn count(&self) -> Result<HeaderMap, ApiError> {
        limits::count(&self.limited(), self.shared.clock.now())
    }

    fn limited(&self) -> Vec<Limited<'_>> {
        let scope = &self.policy.shape.scope;
        let key = self.policy.limits.as_ref();
        let key = key.map(|counters| Limited { scope: counters, limits: scope.rate_limits });
        let rules = self.rules.iter();
        let rules = rules
            .filter_map(|rule| Some(Limited { scope: rule.scope.as_ref()?, limits: rule.rule.rate_limits }));
        let identity = self.identity.as_ref();
        let identity =
            identity.map(|counters| Limited { scope: counters, limits: scope.identity.rate_limits });
        key.into_iter().chain(rules).chain(identity).collect()
    }
}
