//! Where a request goes: first the target whose turn it is by weight, then the others of the model, among those that
//! the key may use and that can answer this kind of request.

use crate::access::Bounds;
use crate::catalog::{Route, Target};
use crate::endpoint::{Endpoint, Service};
use crate::error::{ApiError, Code};
use std::sync::atomic::Ordering;

/// The targets to try, best first; never empty. Targets take turns in proportion to their weights, so shares are exact.
pub(crate) fn candidates<'a>(
    route: &'a Route,
    bounds: &Bounds<'_>,
    endpoint: Endpoint,
) -> Result<Vec<&'a Target>, ApiError> {
    if !bounds.permits_model(route) {
        return Err(ApiError::from(Code::ModelNotAllowed).param("model"));
    }
    let permitted = route.targets.iter().filter(|target| bounds.permits_target(target));
    let mut targets: Vec<&Target> =
        permitted.clone().filter(|target| endpoint.service(target.upstream.kind) != Service::Never).collect();
    if targets.is_empty() {
        let code = if permitted.count() > 0 {
            Code::UnsupportedTranslation
        } else if route.targets.iter().any(|target| bounds.reaches(target)) {
            Code::ProviderNotAllowed
        } else {
            Code::SandboxOnly
        };
        return Err(ApiError::from(code).param("model"));
    }
    if targets.len() > 1 {
        let total: u64 = targets.iter().map(|target| target.weight).sum();
        let mut at = route.turn.fetch_add(1, Ordering::Relaxed) % total;
        let first = targets.iter().position(|target| {
            let mine = at < target.weight;
            at = at.saturating_sub(target.weight);
            mine
        });
        // The others keep their order.
        targets[..=first.unwrap_or(0)].rotate_right(1);
    }
    Ok(targets)
}
