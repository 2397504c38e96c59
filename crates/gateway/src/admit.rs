//! From headers to a registered request with a working key.

use crate::credential;
use crate::error::{ApiError, Code};
use crate::inflight::FlightGuard;
use crate::service::Worker;
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
