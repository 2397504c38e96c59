//! Which of a model's targets a request goes to: by weight, among those that the key may use.

use crate::catalog::{Route, Target};
use crate::error::{ApiError, Code};
use crate::policy::KeyPolicy;
use model::key::Environment;
use std::sync::atomic::Ordering;

fn reaches(policy: &KeyPolicy, target: &Target) -> bool {
    policy.key.environment == Environment::Production || target.upstream.sandbox
}

fn permits(policy: &KeyPolicy, target: &Target) -> bool {
    reaches(policy, target) && policy.allows_provider(&target.upstream.name)
}

/// Whether the key may call the model at all.
pub(crate) fn permitted(route: &Route, policy: &KeyPolicy) -> bool {
    route.targets.iter().any(|target| permits(policy, target))
}

/// The target of the next request. Targets take turns in proportion to their weights, so shares are exact.
pub(crate) fn choose<'a>(route: &'a Route, policy: &KeyPolicy) -> Result<&'a Target, ApiError> {
    let total: u64 =
        route.targets.iter().filter(|target| permits(policy, target)).map(|target| target.weight).sum();
    if total == 0 {
        let sandbox_only = !route.targets.iter().any(|target| reaches(policy, target));
        let code = if sandbox_only { Code::SandboxOnly } else { Code::ProviderNotAllowed };
        return Err(ApiError::from(code).param("model"));
    }
    let mut at = route.turn.fetch_add(1, Ordering::Relaxed) % total;
    for target in route.targets.iter().filter(|target| permits(policy, target)) {
        if at < target.weight {
            return Ok(target);
        }
        at -= target.weight;
    }
    Err(Code::ProviderNotAllowed.into())
}
