//! Asking the data plane about upstreams: it alone has connections to them.

use model::catalog::{ProbeResult, TargetHealth};
use model::{ModelName, ProviderName};
use std::future::Future;
use std::pin::Pin;

/// The answer to come of a connection test.
pub type ProbeFuture = Pin<Box<dyn Future<Output = ProbeResult> + Send>>;

/// What the data plane of this process knows of upstreams. Implemented by the server over its gateway.
pub trait UpstreamProbe: Send + Sync + 'static {
    /// Calls a provider with its credential, by an endpoint that costs nothing, under the same rules for addresses and
    /// redirects as every call. Answers within half a minute, whatever the provider does; the message never quotes the
    /// credential.
    fn probe(&self, provider: ProviderName) -> ProbeFuture;

    /// The circuit breakers of a model's targets, in their order; empty when nothing is known of them.
    fn target_health(&self, model: &ModelName) -> Vec<TargetHealth>;
}
