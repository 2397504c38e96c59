//! Connection tests and the state of targets: over this node's data plane, or where there is none.

use super::node::LocalNode;
use control::catalog::{ProbeFuture, UpstreamProbe};
use gateway::Probe;
use model::catalog::{ProbeResult, TargetHealth};
use model::{ModelName, ProviderName};
use std::sync::Arc;

/// Asks this node's data plane.
pub(super) struct NodeProbe(pub(super) Arc<LocalNode>);

impl UpstreamProbe for NodeProbe {
    fn probe(&self, provider: ProviderName) -> ProbeFuture {
        let node = self.0.clone();
        Box::pin(async move {
            match node.gateway() {
                Some(gateway) => gateway.probe(&provider).await.map_or_else(unknown, told),
                None => unavailable(),
            }
        })
    }

    fn target_health(&self, model: &ModelName) -> Vec<TargetHealth> {
        self.0.gateway().map(|gateway| gateway.target_health(model)).unwrap_or_default()
    }
}

/// Knows nothing of any upstream.
pub(super) struct NoProbe;

impl UpstreamProbe for NoProbe {
    fn probe(&self, _provider: ProviderName) -> ProbeFuture {
        Box::pin(async { unavailable() })
    }

    fn target_health(&self, _model: &ModelName) -> Vec<TargetHealth> {
        Vec::new()
    }
}

fn told(probe: Probe) -> ProbeResult {
    let milliseconds = u32::try_from(probe.took.as_millis()).unwrap_or(u32::MAX);
    ProbeResult { ok: probe.ok, status: probe.status, milliseconds, message: probe.message }
}

/// The data plane doesn't have it yet: its catalog couldn't be loaded.
fn unknown() -> ProbeResult {
    refused("The data plane doesn't know this provider: its credential may not open. See the log.")
}

fn unavailable() -> ProbeResult {
    refused("Connection tests are not available here.")
}

fn refused(message: &str) -> ProbeResult {
    ProbeResult { ok: false, status: None, milliseconds: 0, message: message.to_owned() }
}
